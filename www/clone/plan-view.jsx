import { useState } from 'preact/hooks';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Badge } from '../components/badge.jsx';
import { Button } from '../components/button.jsx';
import { EmptyState } from '../components/empty-state.jsx';
import { matchesSearch, SearchField } from '../components/search-field.jsx';
import { StatTiles } from '../components/stat-tiles.jsx';
import { Table } from '../components/table.jsx';
import { ErrorAlert } from '../run/error-alert.jsx';
import { ACTIONS, NOT_CHOSEN } from './actions.js';
import { choose, listedTables } from './choice.js';
import { Notices } from './plan-notices.jsx';
import { inspect, onExisting, planForAll, planning, unchosen } from './plan-state.js';

/** @import { Action } from '../../pkg-scripts/types.js' */
/** @import { ShownPlan } from '../worker/calls.js' */
/** @import { ListedTable } from './choice.js' */
/** @import { Planning } from './plan-state.js' */
/** @import { Column } from '../components/table.jsx' */

/** The plan, table by table. */
export function PlanView() {
  const state = planning.value;
  return (
    <section class="stack" aria-label="Plan" aria-busy={state.status === 'inspecting'}>
      <PlanContent state={state} />
    </section>
  );
}

/** @param {{ state: Planning }} props */
function PlanContent({ state }) {
  if (state.status === 'none') {
    return (
      <EmptyState icon="grid" title="No database chosen">
        <p>Choose a database to see the plan for each table. Planning writes nothing.</p>
      </EmptyState>
    );
  }
  if (state.status === 'failed') {
    return (
      <div class="plan-error">
        <ErrorAlert title="Planning failed" error={state.error} live onRetry={inspect} />
      </div>
    );
  }
  const plan = state.status === 'planned' ? state.plan : undefined;
  return (
    <>
      <div class="plan-tiles">
        <StatTiles stats={statsOf(plan, onExisting.value === 'update')} />
      </div>
      <PlanTable plan={plan} />
      {plan && <Notices plan={plan} />}
    </>
  );
}

/**
 * The actions of an update have their places before the plan is known, so that nothing moves.
 * @param {ShownPlan | undefined} plan
 * @param {boolean} hasUpdates
 */
function statsOf(plan, hasUpdates) {
  return Object.entries(ACTIONS).flatMap(([action, { tileTitle, isUpdate }]) => {
    const total = plan?.totals[/** @type {Action} */ (action)];
    if (isUpdate && !total && (!hasUpdates || action === 'compare')) return [];
    if (!plan) return { title: tileTitle, value: '–', note: '' };
    return {
      title: tileTitle,
      value: count(total?.tables ?? 0),
      note: total ? `${count(total.rows)} rows · ${size(total.bytes)}` : '',
    };
  });
}

/** @type {Column<ListedTable>[]} */
const COLUMNS = [
  {
    title: 'Action',
    className: 'plan-action',
    cell: ({ action }) => {
      const { tone, label } = action === 'not_chosen' ? NOT_CHOSEN : ACTIONS[action];
      return <Badge tone={tone}>{label}</Badge>;
    },
  },
  {
    title: 'Table',
    className: 'plan-name',
    cell: ({ table, isChosen }) => (
      <label class="check">
        <input type="checkbox" checked={isChosen} onChange={() => setChosen([table], !isChosen)} />
        <span class="truncate" title={table}>
          {table}
        </span>
      </label>
    ),
  },
  { title: 'Approx. rows', className: 'plan-rows number', cell: ({ rows }) => count(rows) },
  { title: 'Approx. size', className: 'plan-size number', cell: ({ bytes }) => size(bytes) },
  { title: 'Note', className: 'plan-note truncate muted small', cell: noteOf },
];

/**
 * @param {string[]} names
 * @param {boolean} isChosen
 */
function setChosen(names, isChosen) {
  unchosen.value = choose(unchosen.value, names, isChosen);
}

/** @param {ListedTable} table */
function noteOf({ problem, overwrites, update, warnings }) {
  const notes = [
    problem?.message,
    update?.reason,
    overwrites && `overwrites about ${count(overwrites.rows)} rows`,
    ...warnings,
  ].filter(Boolean);
  const text = notes.join('; ');
  return <span title={text}>{text}</span>;
}

/** @param {{ plan: ShownPlan | undefined }} props */
function PlanTable({ plan }) {
  const [search, setSearch] = useState('');
  const [action, setAction] = useState('');
  const tables = listedTables(planForAll.value, plan);
  const matches = tables.filter(
    (table) => matchesSearch(table.table, search) && (action === '' || table.action === action),
  );
  const isFiltered = matches.length < tables.length;
  const areChosen = matches.length > 0 && matches.every(({ isChosen }) => isChosen);
  const names = () => matches.map(({ table }) => table);
  return (
    <div class="stack">
      <div class="table-tools">
        <SearchField
          label="Filter the tables by name"
          placeholder="Filter tables"
          value={search}
          onInput={setSearch}
        />
        <ActionFilter action={action} onChange={setAction} />
        <div class="table-choice">
          <p class="muted small" role="status">
            {choiceText(tables, isFiltered ? matches.length : undefined)}
          </p>
          <Button disabled={matches.length === 0} onClick={() => setChosen(names(), !areChosen)}>
            {`Choose ${areChosen ? 'none' : 'all'}${isFiltered ? ' of these' : ''}`}
          </Button>
        </div>
      </div>
      <Table
        label="Tables of the plan"
        className="plan-table"
        columns={COLUMNS}
        rows={matches}
        keyOf={({ table }) => table}
        height={Math.min(11, Math.max(5, tables.length))}
        emptyText={emptyText(plan)}
      />
    </div>
  );
}

/**
 * How many tables are chosen, and how many the filter shows, which is no choice.
 * @param {ListedTable[]} tables
 * @param {number | undefined} shown
 */
function choiceText(tables, shown) {
  if (tables.length === 0) return '';
  const chosen = tables.filter(({ isChosen }) => isChosen).length;
  const text = `${count(chosen)} of ${count(tables.length)} chosen`;
  return shown === undefined ? text : `${text}, ${count(shown)} shown`;
}

/** @param {{ action: string, onChange: (action: string) => void }} props */
function ActionFilter({ action, onChange }) {
  return (
    <select
      class="input"
      aria-label="Filter the tables by action"
      value={action}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    >
      <option value="">All actions</option>
      {Object.entries({ ...ACTIONS, not_chosen: NOT_CHOSEN }).map(([name, { label }]) => (
        <option key={name} value={name}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** @param {ShownPlan | undefined} plan */
function emptyText(plan) {
  if (!plan) return 'Reading both databases…';
  return planForAll.value?.tables.length === 0 ? 'The database has no tables.' : 'No table matches.';
}
