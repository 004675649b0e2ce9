import { useState } from 'preact/hooks';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Alert, Badge, Empty, Tiles } from '../components/signs.jsx';
import { Table } from '../components/table.jsx';
import { hintOf } from '../run/hints.js';
import { ACTIONS } from './actions.js';
import { Notices } from './plan-notices.jsx';
import { look, planning } from './plan-state.js';

/** @import { ShownPlan, ShownTable } from '../worker/calls.js' */
/** @import { Planning } from './plan-state.js' */
/** @import { Column } from '../components/table.jsx' */

/** What would be done, table by table. */
export function PlanView() {
  const now = planning.value;
  return (
    <section class="stack" aria-label="Plan" aria-busy={now.is === 'looking'}>
      <Planned now={now} />
    </section>
  );
}

/** @param {{ now: Planning }} props */
function Planned({ now }) {
  if (now.is === 'none') {
    return (
      <Empty icon="grid" title="No database chosen">
        <p>Choose one, and the plan appears here: table by table, before anything is written.</p>
      </Empty>
    );
  }
  if (now.is === 'failed') {
    return (
      <div class="plan-none">
        <Alert tone="bad" title="There is no plan" live>
          <p>{now.trouble.message}</p>
          <p>{hintOf(now.trouble)}</p>
          <div class="row">
            <Button small icon="again" onClick={look}>
              Look again
            </Button>
          </div>
        </Alert>
      </div>
    );
  }
  const plan = now.is === 'planned' ? now.plan : undefined;
  return (
    <>
      <Tiles tiles={tilesOf(plan)} />
      <PlanTable plan={plan} />
      {plan && <Notices plan={plan} />}
    </>
  );
}

/** @param {ShownPlan | undefined} plan */
function tilesOf(plan) {
  return Object.entries(ACTIONS).map(([action, { tile }]) => {
    const total = plan?.totals[action];
    if (!plan) return { title: tile, value: '–', note: '' };
    return {
      title: tile,
      value: count(total?.tables ?? 0),
      note: total ? `${count(total.rows)} rows · ${size(total.bytes)}` : '',
    };
  });
}

/** @type {Column<ShownTable>[]} */
const COLUMNS = [
  {
    title: 'Action',
    kind: 'plan-action',
    cell: ({ action }) => <Badge tone={ACTIONS[action].tone}>{ACTIONS[action].word}</Badge>,
  },
  { title: 'Table', kind: 'plan-name cut', cell: ({ table }) => <span title={table}>{table}</span> },
  { title: 'Rows, about', kind: 'plan-rows number', cell: ({ rows }) => count(rows) },
  { title: 'Stored, about', kind: 'plan-size number', cell: ({ bytes }) => size(bytes) },
  { title: 'Note', kind: 'plan-note cut soft small', cell: noteOf },
];

/** @param {ShownTable} table */
function noteOf({ problem, loses, warnings }) {
  const notes = [problem?.message, loses && `loses about ${count(loses.rows)} rows`, ...warnings].filter(
    Boolean,
  );
  const text = notes.join('; ');
  return <span title={text}>{text}</span>;
}

/** @param {{ plan: ShownPlan | undefined }} props */
function PlanTable({ plan }) {
  const [wanted, setWanted] = useState('');
  const [action, setAction] = useState('');
  const tables = plan?.tables ?? [];
  const text = wanted.trim().toLowerCase();
  const found = tables.filter(
    (table) => table.table.includes(text) && (action === '' || table.action === action),
  );
  const nothing = tables.length === 0 ? 'The database has no tables.' : 'No table is like that.';
  return (
    <div class="stack">
      <div class="table-tools">
        <input
          class="input"
          type="search"
          aria-label="Filter the tables by name"
          placeholder="Filter tables"
          value={wanted}
          onInput={({ currentTarget }) => setWanted(currentTarget.value)}
        />
        <select
          class="input"
          aria-label="Filter the tables by action"
          value={action}
          onInput={({ currentTarget }) => setAction(currentTarget.value)}
        >
          <option value="">Every action</option>
          {Object.entries(ACTIONS).map(([name, { word }]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </select>
        <p class="soft small" role="status">
          {plan &&
            (found.length === tables.length ? '' : `${count(found.length)} of ${count(tables.length)}`)}
        </p>
      </div>
      <Table
        label="Tables of the plan"
        kind="plan-table"
        columns={COLUMNS}
        rows={found}
        keyOf={({ table }) => table}
        height={Math.min(11, Math.max(5, tables.length))}
        none={plan ? nothing : 'Looking at both sides…'}
      />
    </div>
  );
}
