import { hintOf } from './hints.js';
import { JobLink } from './job-link.jsx';

/** @import { RunState } from './run-state.js' */

/** The id of the list in the document. */
const ID = 'failures';
/** Limits the size of the document. The log and the report have all failures. */
const MAX_SHOWN = 100;

/** The failed tables and their errors, also while other tables are in progress.
 * @param {{ run: RunState }} props */
export function FailureList({ run: { tables } }) {
  const failed = [...tables.values()].filter(({ error }) => error).slice(0, MAX_SHOWN);
  if (failed.length === 0) return null;
  return (
    <ul class="failures" aria-label="Failed tables" id={ID} tabIndex={-1}>
      {failed.map(({ table, error, job, consoleUrl }) => (
        <li key={table} class="failure">
          <b>{table}</b>
          <p>{error?.message}</p>
          <p class="muted">{error && hintOf(error)}</p>
          <p class="muted small">
            {error?.code}
            {error?.job !== undefined && (
              <>
                {' · '}
                <JobLink job={error.job} consoleUrl={error.job === job ? consoleUrl : undefined} />
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Scrolls to the list and focuses it. */
export function showFailures() {
  const list = document.getElementById(ID);
  list?.scrollIntoView({ block: 'center' });
  list?.focus({ preventScroll: true });
}
