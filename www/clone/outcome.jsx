import { count, duration, rowRate, size } from '../../pkg-scripts/shared/format.js';
import { plural } from '../components/plural.js';
import { StatTiles } from '../components/stat-tiles.jsx';
import { showFailures } from '../run/failure-list.jsx';
import { Verdict } from '../run/verdict.jsx';
import { buildReport } from './report.js';

/** @import { CloneRun } from './run-state.js' */

/** The result of a finished run.
 * @param {{ run: CloneRun }} props */
export function Outcome({ run }) {
  const { counts } = run;
  const { rows, bytes, seconds } = buildReport(run);
  const rate = seconds > 0 ? rowRate(rows, seconds) : '';
  return (
    <section class="stack" aria-label="Outcome">
      <CloneVerdict run={run} />
      <StatTiles
        stats={[
          { title: 'Copied and verified', value: count(counts.done), note: unitOf(counts.done) },
          { title: 'Skipped', value: count(counts.skipped), note: unitOf(counts.skipped) },
          { title: 'Failed', value: count(counts.failed), note: unitOf(counts.failed) },
          { title: 'Rows', value: count(rows), note: 'counted in the destination' },
          { title: 'Uploaded', value: size(bytes), note: 'compressed' },
          { title: 'Time', value: duration(seconds), note: rate },
        ]}
      />
    </section>
  );
}

/** @param {number} tables */
const unitOf = (tables) => (tables === 1 ? 'table' : 'tables');

/** @param {{ run: CloneRun }} props */
function CloneVerdict({ run }) {
  const { done, waiting, failed } = run.counts;
  return (
    <Verdict
      run={run}
      stopped={`${plural(done, 'table')} copied, ${count(waiting + failed)} missing. Copied tables are complete. Unfinished copies were not published.`}
      failed={
        <>
          Failed tables were not published. All others are copied and verified.{' '}
          <button type="button" class="link" onClick={showFailures}>
            Show the errors
          </button>
        </>
      }
      complete="Before each table was published, its rows were counted on both sides. The counts match."
    />
  );
}
