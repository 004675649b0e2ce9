// Columns that the lists of clones and exports share.
import { Badge } from '../components/badge.jsx';
import { ProgressBar } from '../components/progress-bar.jsx';
import { tableProgress } from './progress.js';

/** @import { Column } from '../components/table.jsx' */
/** @import { Tone } from '../components/badge.jsx' */
/** @import { TableRun } from './run-state.js' */

/** @typedef {Record<TableRun['state'], string>} StateLabels */

/** @type {Record<TableRun['state'], Tone>} */
const TONES = { active: 'accent', done: 'good', failed: 'bad', waiting: 'neutral', skipped: 'neutral' };

/**
 * @param {StateLabels} labels
 * @returns {Column<TableRun<any>>}
 */
export const stateColumn = (labels) => ({
  title: 'State',
  className: 'run-state',
  cell: ({ state }) => <Badge tone={TONES[state]}>{labels[state]}</Badge>,
});

/** @type {Column<TableRun<any>>} */
export const nameColumn = {
  title: 'Table',
  className: 'run-name truncate',
  cell: ({ table }) => <span title={table}>{table}</span>,
};

/** @type {Column<TableRun<any>>} */
export const progressColumn = { title: 'Progress', className: 'run-bar', cell: bar };

/** @type {Column<TableRun<any>>} */
export const stepColumn = { title: 'Step', className: 'run-step truncate muted small', cell: step };

/** @param {TableRun} table */
function bar(table) {
  if (table.state === 'skipped') return null;
  const tone = table.state === 'done' ? 'good' : table.state === 'failed' ? 'bad' : undefined;
  return <ProgressBar fraction={tableProgress(table)} tone={tone} label={`Progress of ${table.table}`} />;
}

/** @param {TableRun} table */
function step({ phase, waitReason, error }) {
  const text = waitReason ? `waiting: ${waitReason}` : (error?.message ?? phase);
  return <span title={text}>{text}</span>;
}
