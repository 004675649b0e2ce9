import { useState } from 'preact/hooks';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { matchesSearch, SearchField } from '../components/search-field.jsx';
import { Table } from '../components/table.jsx';
import { selected } from './export-state.js';

/** @import { Column } from '../components/table.jsx' */
/** @import { ListedTable } from '../worker/export-calls.js' */

/** @type {Column<ListedTable>[]} */
const COLUMNS = [
  {
    title: 'Table',
    className: 'choose-name',
    cell: ({ name }) => (
      <label class="check">
        <input type="checkbox" checked={selected.value.has(name)} onChange={() => toggle(name)} />
        <span class="truncate" title={name}>
          {name}
        </span>
      </label>
    ),
  },
  { title: 'Approx. rows', className: 'choose-rows number', cell: ({ count: rows }) => count(rows) },
  {
    title: 'Approx. size',
    className: 'choose-size number',
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
 * Adds the tables to the selection, or removes them from it.
 * @param {ListedTable[]} tables
 * @param {boolean} isSelected
 */
function setSelected(tables, isSelected) {
  const names = new Set(selected.value);
  for (const { name } of tables) isSelected ? names.add(name) : names.delete(name);
  selected.value = names;
}

/**
 * Chooses the tables to export.
 * @param {{ tables: ListedTable[], isInspecting: boolean }} props
 */
export function TableChooser({ tables, isInspecting }) {
  const [search, setSearch] = useState('');
  const isFiltered = search.trim() !== '';
  const matches = tables.filter(({ name }) => matchesSearch(name, search));
  const allSelected = matches.length > 0 && matches.every(({ name }) => selected.value.has(name));
  return (
    <div class="stack">
      <div class="table-tools">
        <SearchField
          label="Filter the tables by name"
          placeholder="Filter tables"
          value={search}
          onInput={setSearch}
        />
        <Button disabled={matches.length === 0} onClick={() => setSelected(matches, !allSelected)}>
          {allSelected ? 'Select none' : `Select ${isFiltered ? 'these' : 'all'}`}
        </Button>
        <p class="muted small" role="status">
          {tables.length > 0 && `${count(selected.value.size)} of ${count(tables.length)} selected`}
        </p>
      </div>
      <Table
        label="Tables to export"
        className="choose-table"
        columns={COLUMNS}
        rows={matches}
        keyOf={({ name }) => name}
        height={Math.min(9, Math.max(5, tables.length))}
        emptyText={emptyText(isInspecting, isFiltered)}
      />
    </div>
  );
}

/**
 * @param {boolean} isInspecting
 * @param {boolean} isFiltered
 */
function emptyText(isInspecting, isFiltered) {
  if (isInspecting) return 'Reading the database…';
  return isFiltered ? 'No table matches.' : 'The database has no tables.';
}
