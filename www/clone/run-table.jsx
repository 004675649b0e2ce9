import { useState } from 'preact/hooks';
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { Badge, ProgressBar } from '../components/signs.jsx';
import { Table } from '../components/table.jsx';
import { partOf } from '../run/figures.js';

/** @import { Column } from '../components/table.jsx' */
/** @import { Tone } from '../components/signs.jsx' */
/** @import { RunState, TableRun } from './run-state.js' */

/** @type {Record<TableRun['state'], { word: string, tone: Tone }>} */
const STATES = {
  active: { word: 'Copying', tone: 'accent' },
  done: { word: 'Verified', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  waiting: { word: 'Waiting', tone: 'calm' },
  skipped: { word: 'Left', tone: 'calm' },
};

/** @param {TableRun} table */
const badge = ({ state }) => <Badge tone={STATES[state].tone}>{STATES[state].word}</Badge>;

/** @param {TableRun['state']} state */
const isBegun = (state) => state === 'active' || state === 'done';

/** @type {Column<TableRun>[]} */
const SHARED = [
  { title: 'State', kind: 'run-state', cell: badge },
  { title: 'Table', kind: 'run-name cut', cell: ({ table }) => <span title={table}>{table}</span> },
];

/** @type {Column<TableRun>[]} */
const UNDER_WAY = [
  ...SHARED,
  { title: 'Progress', kind: 'run-bar', cell: bar },
  {
    title: 'Rows',
    kind: 'run-rows number',
    cell: ({ rows, state }) => (isBegun(state) ? count(rows) : ''),
  },
  {
    title: 'Downloaded',
    kind: 'run-size number',
    cell: ({ bytes, state }) => (isBegun(state) ? size(bytes) : ''),
  },
  { title: 'Step', kind: 'run-step cut soft small', cell: step },
];

/** @type {Column<TableRun>[]} */
const ENDED = [
  ...SHARED,
  { title: 'Rows', kind: 'run-rows number', cell: ({ result }) => (result ? count(result.rows) : '') },
  { title: 'Uploaded', kind: 'run-size number', cell: ({ result }) => (result ? size(result.bytes) : '') },
  { title: 'Time', kind: 'run-time number', cell: ({ result }) => (result ? duration(result.seconds) : '') },
  {
    title: 'Source job',
    kind: 'run-job number soft small',
    cell: ({ result, error }) => result?.sourceJob ?? error?.job ?? '',
  },
];

/** @param {TableRun} table */
function bar(table) {
  const tone = table.state === 'done' ? 'good' : table.state === 'failed' ? 'bad' : undefined;
  if (table.state === 'skipped') return null;
  return <ProgressBar part={partOf(table)} tone={tone} label={`Progress of ${table.table}`} />;
}

/** @param {TableRun} table */
function step({ phase, trouble, error }) {
  const text = trouble ? `waiting: ${trouble}` : (error?.message ?? phase);
  return <span title={text}>{text}</span>;
}

/** Which tables are listed. @type {{ name: string, title: string, states: TableRun['state'][] }[]} */
const FILTERS = [
  { name: 'all', title: 'All', states: ['active', 'done', 'failed', 'waiting', 'skipped'] },
  { name: 'active', title: 'Copying', states: ['active'] },
  { name: 'done', title: 'Verified', states: ['done'] },
  { name: 'failed', title: 'Failed', states: ['failed'] },
  { name: 'waiting', title: 'Waiting', states: ['waiting'] },
  { name: 'skipped', title: 'Left', states: ['skipped'] },
];

/** The run's tables, each with how far it is or how it ended.
 * @param {{ state: RunState }} props */
export function RunTable({ state }) {
  const { tables, counts, is } = state;
  const [shown, setShown] = useState('all');
  const isUnderWay = is === 'running' || is === 'stopping';
  const states = FILTERS.find(({ name }) => name === shown)?.states ?? [];
  const rows = [...tables.values()].filter((table) => states.includes(table.state));
  return (
    <section class="stack" aria-label="Tables">
      <fieldset class="segments" aria-label="Which tables are listed">
        {FILTERS.filter(({ name }) => isUnderWay || name !== 'active').map(({ name, title, states: of }) => (
          <button
            key={name}
            type="button"
            class="segment"
            aria-pressed={name === shown}
            onClick={() => setShown(name)}
          >
            {title} <span class="soft">{count(of.reduce((sum, one) => sum + counts[one], 0))}</span>
          </button>
        ))}
      </fieldset>
      <Table
        label="Tables of the run"
        kind={isUnderWay ? 'run-table' : 'run-table run-table-ended'}
        columns={isUnderWay ? UNDER_WAY : ENDED}
        rows={rows}
        keyOf={({ table }) => table}
        height={Math.min(8, Math.max(4, tables.size))}
        none="None."
      />
    </section>
  );
}
