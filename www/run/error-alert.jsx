import { Alert } from '../components/alert.jsx';
import { Button } from '../components/button.jsx';
import { hintOf } from './hints.js';

/** @import { ErrorData } from '../../pkg-scripts/types.js' */

/**
 * An error and what the user can do about it. Without a title, the message is the title.
 * @param {{ error: ErrorData, title?: string, live?: boolean, onRetry?: () => void }} props
 */
export function ErrorAlert({ error, title, live, onRetry }) {
  return (
    <Alert tone="bad" title={title ?? error.message} live={live}>
      {title && <p>{error.message}</p>}
      <p>{hintOf(error)}</p>
      {onRetry && (
        <div class="row">
          <Button small icon="again" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </Alert>
  );
}
