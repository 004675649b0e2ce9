import { useState } from 'preact/hooks';
import { count, inRows, size } from '../../pkg-scripts/shared/format.js';
import { Alert } from '../components/alert.jsx';
import { Button } from '../components/button.jsx';
import { plural } from '../components/plural.js';

/** @import { ShownPlan } from '../worker/calls.js' */

/** The lines of a notice that are shown at first. */
const INITIAL_LINES = 50;
/** The lines that each “Show more” adds. */
const MORE_LINES = 500;

/**
 * What the user must know before the start: conflicts, data loss, differences and leftovers.
 * @param {{ plan: ShownPlan }} props
 */
export function Notices({ plan }) {
  const { createDatabase, destinationDatabase } = plan;
  const updates = updatesOf(plan);
  const differences = differencesOf(plan);
  const orphans = orphansOf(plan);
  return (
    <div class="stack" aria-live="polite">
      <Problems plan={plan} />
      <Losses plan={plan} />
      {createDatabase && (
        <Alert title={`The database ${destinationDatabase} will be created`} tone="accent" />
      )}
      {updates.length > 0 && (
        <Alert title="Ranges of time that will be copied" tone="accent">
          <Lines lines={updates} />
        </Alert>
      )}
      {differences.length > 0 && (
        <Alert title="Differences of the copy">
          <Lines lines={differences} />
        </Alert>
      )}
      {orphans.length > 0 && (
        <Alert title="Leftovers of an earlier run will be deleted first">
          <Lines lines={orphans} />
        </Alert>
      )}
    </div>
  );
}

/** @param {{ plan: ShownPlan }} props */
function Problems({ plan: { tables } }) {
  const problems = tables.flatMap(({ table, problem }) => (problem ? [`${table}: ${problem.message}`] : []));
  const isConflict = tables.some(({ problem }) => problem?.code === 'already_exists');
  if (problems.length === 0) return null;
  return (
    <Alert tone="bad" title={`${plural(problems.length, 'table')} cannot be copied`}>
      <Lines lines={problems} />
      {isConflict && <p>Skip the existing tables, overwrite them, or choose another name for the copy.</p>}
    </Alert>
  );
}

/** @param {{ plan: ShownPlan }} props */
function Losses({ plan: { tables } }) {
  const losses = tables.flatMap(({ table, overwrites }) =>
    overwrites ? [`${table}: about ${count(overwrites.rows)} rows, ${size(overwrites.bytes)}`] : [],
  );
  if (losses.length === 0) return null;
  return (
    <Alert
      tone="warn"
      title={`Data loss: ${plural(losses.length, 'table')} in the destination will be overwritten`}
    >
      <p>These rows will be lost:</p>
      <Lines lines={losses} />
    </Alert>
  );
}

/** @param {ShownPlan} plan */
const updatesOf = ({ tables }) =>
  tables.flatMap(({ table, update }) =>
    (update?.ranges ?? []).map(
      ({ label, sourceRows, destinationRows }) =>
        `${table}, ${label}: ${inRows(sourceRows)} in the source, ${count(destinationRows)} in the destination`,
    ),
  );

/** @param {ShownPlan} plan */
const differencesOf = ({ warnings, tables, views }) => [
  ...warnings,
  ...views.map(({ view }) => `${view}: a logical view, which is not copied`),
  ...tables.flatMap(({ table, warnings, update }) =>
    [...warnings, ...(update?.leftAlone ?? [])].map((text) => `${table}: ${text}`),
  ),
];

/** @param {ShownPlan} plan */
const orphansOf = ({ orphans }) => [
  ...orphans.sessions.map((session) => `bulk import session ${session}`),
  ...orphans.tables.map((table) => `table ${table}`),
];

/** @param {{ lines: string[] }} props */
function Lines({ lines }) {
  const [max, setMax] = useState(INITIAL_LINES);
  return (
    <ul class="alert-list">
      {lines.slice(0, max).map((line) => (
        <li key={line}>{line}</li>
      ))}
      {lines.length > max && (
        <li>
          <Button small onClick={() => setMax(max + MORE_LINES)}>
            Show more of {count(lines.length)}
          </Button>
        </li>
      )}
    </ul>
  );
}
