import { useState } from 'preact/hooks';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Table } from '../components/table.jsx';
import { selected } from './export-state.js';

/** @import { Column } from '../components/table.jsx' */
/** @import { ListedTable } from '../worker/export-calls.js' */

/** @type {Column<ListedTable>[]} */
const COLUMNS = [
  {
    title: 'Table',
    kind: 'choose-name',
    cell: ({ name }) => (
      <label class="check">
        <input type="checkbox" checked={selected.value.has(name)} onChange={() => toggle(name)} />
        <span class="cut" title={name}>
          {name}
        </span>
      </label>
    ),
  },
  { title: 'Rows, about', kind: 'choose-rows number', cell: ({ count: rows }) => count(rows) },
  {
    title: 'Stored, about',
    kind: 'choose-size number',
    cell: ({ estimatedStorageSize }) => size(estimatedStorageSize),
  },
];

/** @param {string} name */
function toggle(name) {
  const names = new Set(selected.value);
  if (!names.delete(name)) names.add(name);
  selected.value = names;
}

/**
 * Which tables are wanted.
 * @param {{ tables: ListedTable[] | undefined, isLooking: boolean }} props
 */
export function TableChooser({ tables = [], isLooking }) {
  const [wanted, setWanted] = useState('');
  const text = wanted.trim().toLowerCase();
  const found = tables.filter(({ name }) => name.includes(text));
  const all = found.length > 0 && found.every(({ name }) => selected.value.has(name));
  const choose = () => {
    const names = new Set(selected.value);
    for (const { name } of found) all ? names.delete(name) : names.add(name);
    selected.value = names;
  };
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
        <Button disabled={found.length === 0} onClick={choose}>
          {all ? 'Choose none' : `Choose ${text ? 'these' : 'all'}`}
        </Button>
        <p class="soft small" role="status">
          {tables.length > 0 && `${count(selected.value.size)} of ${count(tables.length)}`}
        </p>
      </div>
      <Table
        label="Tables to export"
        kind="choose-table"
        columns={COLUMNS}
        rows={found}
        keyOf={({ name }) => name}
        height={Math.min(9, Math.max(5, tables.length))}
        none={
          isLooking ? 'Looking at the database…' : text ? 'No table is called that.' : 'There are no tables.'
        }
      />
    </div>
  );
}
