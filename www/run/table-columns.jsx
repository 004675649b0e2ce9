// Columns that the lists of clones and exports share.
import { Badge } from '../components/badge.jsx';
import { ProgressBar } from '../components/progress-bar.jsx';
import { JobLink } from './job-link.jsx';
import { tableProgress } from './progress.js';

/** @import { Column } from '../components/table.jsx' */
/** @import { Tone } from '../components/badge.jsx' */
/** @import { TableRun } from './run-state.js' */

/** @typedef {Record<TableRun['state'], string>} StateLabels */

/** @type {Record<TableRun['state'], Tone>} */
const TONES = { active: 'accent', done: 'good', failed: 'bad', waiting: 'neutral', skipped: 'neutral' };

/**
 * @param {StateLabels} labels
 * @returns {Column<TableRun>}
 */
export const stateColumn = (labels) => ({
  title: 'State',
  className: 'run-state',
  cell: ({ state }) => <Badge tone={TONES[state]}>{labels[state]}</Badge>,
});

/** @type {Column<TableRun>} */
export const nameColumn = {
  title: 'Table',
  className: 'run-name truncate',
  cell: ({ table }) => <span title={table}>{table}</span>,
};

/** @type {Column<TableRun>} */
export const progressColumn = { title: 'Progress', className: 'run-bar', cell: bar };

/** @type {Column<TableRun>} */
export const stepColumn = { title: 'Step', className: 'run-step truncate muted small', cell: step };

/** @param {TableRun} table */
function bar(table) {
  if (table.state === 'skipped') return null;
  const tone = table.state === 'done' ? 'good' : table.state === 'failed' ? 'bad' : undefined;
  return <ProgressBar fraction={tableProgress(table)} tone={tone} label={`Progress of ${table.table}`} />;
}

/** What is being done with a table. The list of failures has the error of a failed one.
 * @param {TableRun} table */
function step({ state, phase, waitReason, job, consoleUrl }) {
  if (state !== 'active') return null;
  const text = waitReason ? `waiting: ${waitReason}` : phase;
  return (
    <span title={text}>
      {text}
      {job !== undefined && (
        <>
          {' · '}
          <JobLink job={job} consoleUrl={consoleUrl} />
        </>
      )}
    </span>
  );
}
