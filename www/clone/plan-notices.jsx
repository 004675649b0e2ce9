import { useState } from 'preact/hooks';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Alert } from '../components/signs.jsx';

/** @import { ShownPlan } from '../worker/calls.js' */

/** Lines of a notice that are shown before one asks for more. */
const FEW = 50;

/**
 * What one has to know before it starts: what stands in the way, what is lost, what will differ, what is cleared away.
 * @param {{ plan: ShownPlan }} props
 */
export function Notices({ plan }) {
  const { tables, warnings, leftovers, createDatabase, destinationDatabase } = plan;
  const problems = tables.flatMap(({ table, problem }) => (problem ? [`${table}: ${problem.message}`] : []));
  const isInTheWay = tables.some(({ problem }) => problem?.code === 'already_exists');
  const losses = tables.flatMap(({ table, loses }) =>
    loses ? [`${table}: about ${count(loses.rows)} rows, ${size(loses.bytes)}`] : [],
  );
  const differences = [
    ...warnings,
    ...tables.flatMap((one) => one.warnings.map((warning) => `${one.table}: ${warning}`)),
  ];
  const cleared = [
    ...leftovers.sessions.map((session) => `bulk import session ${session}`),
    ...leftovers.tables.map((table) => `table ${table}`),
  ];
  return (
    <div class="stack" aria-live="polite">
      {problems.length > 0 && (
        <Alert tone="bad" title={`${tablesOf(problems.length)} cannot be copied`}>
          <Lines lines={problems} />
          {isInTheWay && (
            <p>Leave the tables that are there, replace them, or choose another name for the copy.</p>
          )}
        </Alert>
      )}
      {losses.length > 0 && (
        <Alert
          tone="warn"
          title={`Data loss: ${tablesOf(losses.length)} of the destination will be replaced`}
        >
          <p>Their rows are lost:</p>
          <Lines lines={losses} />
        </Alert>
      )}
      {createDatabase && (
        <Alert title={`The database ${destinationDatabase} will be created`} tone="accent" />
      )}
      {differences.length > 0 && (
        <Alert title="Where the copy will differ">
          <Lines lines={differences} />
        </Alert>
      )}
      {cleared.length > 0 && (
        <Alert title="An earlier run left these behind; they will be deleted first">
          <Lines lines={cleared} />
        </Alert>
      )}
    </div>
  );
}

/** @param {number} count_ */
const tablesOf = (count_) => `${count(count_)} ${count_ === 1 ? 'table' : 'tables'}`;

/** @param {{ lines: string[] }} props */
function Lines({ lines }) {
  const [most, setMost] = useState(FEW);
  return (
    <ul class="alert-list">
      {lines.slice(0, most).map((line) => (
        <li key={line}>{line}</li>
      ))}
      {lines.length > most && (
        <li>
          <Button small onClick={() => setMost(most + FEW * 10)}>
            Show more of {count(lines.length)}
          </Button>
        </li>
      )}
    </ul>
  );
}
