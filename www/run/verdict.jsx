import { Alert } from '../components/alert.jsx';
import { plural } from '../components/plural.js';
import { ErrorAlert } from './error-alert.jsx';

/** @import { ComponentChildren } from 'preact' */
/** @import { RunState } from './run-state.js' */

/**
 * Whether a run succeeded. The texts explain each result.
 * @param {{ run: RunState, stopped: ComponentChildren, failed: ComponentChildren, complete: ComponentChildren }} props
 */
export function Verdict({ run: { status, counts, error }, stopped, failed, complete }) {
  if (status === 'failed' && error) return <ErrorAlert error={error} live />;
  if (status === 'stopped') {
    return (
      <Alert tone="warn" title="Stopped" live>
        <p>{stopped}</p>
      </Alert>
    );
  }
  if (counts.failed > 0) {
    return (
      <Alert tone="bad" title={`${plural(counts.failed, 'table')} failed`} live>
        <p>{failed}</p>
      </Alert>
    );
  }
  return (
    <Alert tone="good" title="Complete" live>
      <p>{complete}</p>
    </Alert>
  );
}
