import { useState } from 'preact/hooks';
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { Table } from '../components/table.jsx';
import { isRunning } from '../run/run-state.js';
import { nameColumn, progressColumn, stateColumn, stepColumn } from '../run/table-columns.jsx';

/** @import { ClonedTable } from '../../pkg-scripts/types.js' */
/** @import { Column } from '../components/table.jsx' */
/** @import { TableRun } from '../run/run-state.js' */
/** @import { StateLabels } from '../run/table-columns.jsx' */
/** @import { CloneRun } from './run-state.js' */

/** @typedef {Column<TableRun<ClonedTable>>} RunColumn */

/** In the order of the filters. @type {StateLabels} */
const LABELS = {
  active: 'Copying',
  done: 'Verified',
  failed: 'Failed',
  waiting: 'Waiting',
  skipped: 'Skipped',
};

/** @param {TableRun['state']} state */
const hasRows = (state) => state === 'active' || state === 'done';

/** @type {RunColumn[]} */
const COLUMNS_WHILE_RUNNING = [
  stateColumn(LABELS),
  nameColumn,
  progressColumn,
  {
    title: 'Rows',
    className: 'run-rows number',
    cell: ({ rows, state }) => (hasRows(state) ? count(rows) : ''),
  },
  {
    title: 'Downloaded',
    className: 'run-size number',
    cell: ({ bytes, state }) => (hasRows(state) ? size(bytes) : ''),
  },
  stepColumn,
];

/** @type {RunColumn[]} */
const COLUMNS_AT_END = [
  stateColumn(LABELS),
  nameColumn,
  { title: 'Rows', className: 'run-rows number', cell: ({ result }) => (result ? count(result.rows) : '') },
  {
    title: 'Uploaded',
    className: 'run-size number',
    cell: ({ result }) => (result ? size(result.bytes) : ''),
  },
  {
    title: 'Time',
    className: 'run-time number',
    cell: ({ result }) => (result ? duration(result.seconds) : ''),
  },
  {
    title: 'Source job',
    className: 'run-job number muted small',
    cell: ({ result, error }) => result?.sourceJob ?? error?.job ?? '',
  },
];

/** @typedef {'all' | TableRun['state']} Filter */

/** The tables of a run, with a filter by state.
 * @param {{ run: CloneRun }} props */
export function RunTable({ run }) {
  const [filter, setFilter] = useState(/** @type {Filter} */ ('all'));
  const { tables } = run;
  const running = isRunning(run);
  const rows = [...tables.values()].filter(({ state }) => filter === 'all' || filter === state);
  return (
    <section class="stack" aria-label="Tables">
      <StateFilter run={run} filter={filter} onChange={setFilter} />
      <Table
        label="Tables of the run"
        className={running ? 'run-table' : 'run-table run-table-ended'}
        columns={running ? COLUMNS_WHILE_RUNNING : COLUMNS_AT_END}
        rows={rows}
        keyOf={({ table }) => table}
        height={Math.min(8, Math.max(4, tables.size))}
        emptyText="No tables."
      />
    </section>
  );
}

/** @param {{ run: CloneRun, filter: Filter, onChange: (filter: Filter) => void }} props */
function StateFilter({ run, filter, onChange }) {
  const states = /** @type {TableRun['state'][]} */ (Object.keys(LABELS));
  const shown = isRunning(run) ? states : states.filter((state) => state !== 'active');
  /** @type {{ name: Filter, title: string, tables: number }[]} */
  const filters = [
    { name: 'all', title: 'All', tables: run.tables.size },
    ...shown.map((state) => ({ name: state, title: LABELS[state], tables: run.counts[state] })),
  ];
  return (
    <fieldset class="segments" aria-label="Filter the tables by state">
      {filters.map(({ name, title, tables }) => (
        <button
          key={name}
          type="button"
          class="segment"
          aria-pressed={name === filter}
          onClick={() => onChange(name)}
        >
          {title} <span class="muted">{count(tables)}</span>
        </button>
      ))}
    </fieldset>
  );
}
