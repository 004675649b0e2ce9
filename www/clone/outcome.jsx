import { count, duration, rowRate, size } from '../../pkg-scripts/shared/format.js';
import { Alert, Tiles } from '../components/signs.jsx';
import { reportOf } from '../run/figures.js';
import { hintOf } from '../run/hints.js';

/** @import { RunState } from './run-state.js' */

/** How a run ended: the verdict, and the numbers.
 * @param {{ state: RunState }} props */
export function Outcome({ state }) {
  const { counts } = state;
  const { rows, bytes, seconds } = reportOf(state);
  const speed = seconds > 0 ? rowRate(rows, seconds) : '';
  return (
    <section class="stack" aria-label="Outcome">
      <Verdict state={state} />
      <Tiles
        tiles={[
          { title: 'Copied and verified', value: count(counts.done), note: tablesNote(counts.done) },
          { title: 'Left as they were', value: count(counts.skipped), note: tablesNote(counts.skipped) },
          { title: 'Failed', value: count(counts.failed), note: tablesNote(counts.failed) },
          { title: 'Rows', value: count(rows), note: 'counted at the destination' },
          { title: 'Uploaded', value: size(bytes), note: 'compressed' },
          { title: 'Time', value: duration(seconds), note: speed },
        ]}
      />
    </section>
  );
}

/** @param {number} count_ */
const tablesNote = (count_) => (count_ === 1 ? 'table' : 'tables');

/** @param {{ state: RunState }} props */
function Verdict({ state: { is, counts, trouble } }) {
  if (is === 'refused' && trouble) {
    return (
      <Alert tone="bad" title={trouble.message} live>
        <p>{hintOf(trouble)}</p>
      </Alert>
    );
  }
  if (is === 'stopped') {
    return (
      <Alert tone="warn" title="Stopped" live>
        <p>
          {count(counts.done)} copied before that; {count(counts.waiting + counts.failed)} not. Finished
          tables are whole, and nothing half done has a real name.
        </p>
      </Alert>
    );
  }
  if (counts.failed > 0) {
    return (
      <Alert tone="bad" title={`${count(counts.failed)} ${tablesNote(counts.failed)} failed`} live>
        <p>
          Nothing of it was published. The others are copied and verified.{' '}
          <button type="button" class="link" onClick={showReasons}>
            Show the reasons
          </button>
        </p>
      </Alert>
    );
  }
  return (
    <Alert tone="good" title="Complete" live>
      <p>Every table’s rows were counted on both sides before it got its name: the counts agree.</p>
    </Alert>
  );
}

/** The page's part that says why tables failed. */
const REASONS = 'reasons';

function showReasons() {
  const reasons = document.getElementById(REASONS);
  reasons?.scrollIntoView({ block: 'center' });
  reasons?.focus({ preventScroll: true });
}

/** What failed, and why; also while others are under way.
 * @param {{ state: RunState }} props */
export function Failures({ state: { tables } }) {
  const failed = [...tables.values()].filter(({ error }) => error).slice(0, 100);
  if (failed.length === 0) return null;
  return (
    <ul class="failures" aria-label="What failed, and why" id={REASONS} tabIndex={-1}>
      {failed.map(({ table, error }) => (
        <li key={table} class="failure">
          <b>{table}</b>
          <p>{error?.message}</p>
          <p class="soft">{error && hintOf(error)}</p>
          <p class="soft small">
            {[error?.code, error?.job && `job ${error.job}`].filter(Boolean).join(' · ')}
          </p>
        </li>
      ))}
    </ul>
  );
}
