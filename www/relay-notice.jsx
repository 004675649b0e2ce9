import { relayError } from './relay-watch.js';
import { ErrorAlert } from './run/error-alert.jsx';

/** Says that the page has lost its server. */
export function RelayNotice() {
  const error = relayError.value;
  if (!error) return null;
  const title = error.code === 'relay_stopped' ? 'petit serve has ended' : 'Do not enter keys in this page';
  return (
    <div class="notice">
      <ErrorAlert title={title} error={error} live />
    </div>
  );
}
