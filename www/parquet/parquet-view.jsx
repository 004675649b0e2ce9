import { useEffect, useRef } from 'preact/hooks';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Alert } from '../components/alert.jsx';
import { StatTiles } from '../components/stat-tiles.jsx';
import { Table } from '../components/table.jsx';
import { hintOf } from '../run/hints.js';
import { FirstRows } from './first-rows.jsx';
import { openedFile, openedName, scrollTarget } from './open-file.js';
import { SizeChart } from './size-chart.jsx';

/** @import { Column } from '../components/table.jsx' */
/** @import { ParquetColumn, ParquetSummary } from './read-parquet.js' */

/** The opened Parquet file: its schema, sizes and first rows. */
export function OpenedFile() {
  const state = openedFile.value;
  const name = openedName.value;
  if (state.status === 'none') return null;
  if (state.status === 'reading') return <p role="status">{`Reading ${name}…`}</p>;
  if (state.status === 'failed') {
    return (
      <Alert tone="bad" title={`${name}: ${state.error.message}`} live>
        <p>{hintOf(state.error)}</p>
      </Alert>
    );
  }
  return <Contents name={name} summary={state.summary} />;
}

/** @param {{ name: string, summary: ParquetSummary }} props */
function Contents({ name, summary }) {
  const section = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (scrollTarget.peek() === name) section.current?.scrollIntoView({ block: 'start' });
    scrollTarget.value = '';
  }, [name]);
  const { columns, rowGroups } = summary;
  return (
    <section class="stack" aria-label="File contents" ref={section}>
      <h2>{name}</h2>
      <StatTiles stats={statsOf(summary)} />
      <div class="file-columns">
        <section class="stack" aria-label="Schema">
          <h2>Schema</h2>
          <Table
            label="Columns"
            className="schema-table"
            columns={SCHEMA_COLUMNS}
            rows={columns}
            keyOf={({ name }) => name}
            height={Math.min(9, Math.max(4, columns.length))}
            emptyText="No columns."
          />
        </section>
        <SizeChart key={name} columns={columns} />
      </div>
      <FirstRows columns={columns} rows={summary.firstRows} />
      <section class="stack" aria-label="Row groups">
        <h2>Row groups</h2>
        <Table
          label="Row groups of the file"
          className="groups-table"
          columns={ROW_GROUP_COLUMNS}
          rows={rowGroups}
          keyOf={({ index }) => String(index)}
          height={Math.min(6, Math.max(3, rowGroups.length))}
          emptyText="No row groups, because the file has no rows."
        />
      </section>
      <Origin pairs={summary.origin} createdBy={summary.createdBy} />
    </section>
  );
}

/** @param {ParquetSummary} summary */
function statsOf({ bytes, rows, columns, rowGroups, codecs, timeRange }) {
  return [
    { title: 'Rows', value: count(rows), note: `${count(columns.length)} columns` },
    { title: 'Size', value: size(bytes), note: codecs.join(', ').toLowerCase() },
    { title: 'Row groups', value: count(rowGroups.length), note: maxRowsNote(rowGroups) },
    { title: 'From', value: dateOf(timeRange?.from), note: timeOf(timeRange?.from) },
    { title: 'To', value: dateOf(timeRange?.to), note: timeOf(timeRange?.to) },
  ];
}

/** @param {ParquetSummary['rowGroups']} groups */
function maxRowsNote(groups) {
  const max = groups.reduce((max, { rows }) => Math.max(max, rows), 0);
  return max > 0 ? `up to ${count(max)} rows` : '';
}

/** @param {string | undefined} time ISO 8601 */
const dateOf = (time) => time?.slice(0, 10) ?? '–';
/** @param {string | undefined} time ISO 8601 */
const timeOf = (time) => (time ? `${time.slice(11, 19)} UTC` : 'no time column');

/** @type {Column<ParquetColumn>[]} */
const SCHEMA_COLUMNS = [
  {
    title: 'Column',
    className: 'schema-name truncate',
    cell: ({ name }) => <span title={name}>{name}</span>,
  },
  {
    title: 'TD type',
    className: 'schema-td truncate',
    cell: ({ tdType = '–' }) => <code title={tdType}>{tdType}</code>,
  },
  {
    title: 'Arrow type',
    className: 'schema-type truncate',
    cell: ({ type }) => <code title={type}>{type}</code>,
  },
  { title: 'Size', className: 'schema-size number', cell: ({ bytes }) => size(bytes) },
];

/** @type {Column<ParquetSummary['rowGroups'][number]>[]} */
const ROW_GROUP_COLUMNS = [
  { title: 'Number', className: 'group-index', cell: ({ index }) => count(index + 1) },
  { title: 'Rows', className: 'group-rows number', cell: ({ rows }) => count(rows) },
  { title: 'Size', className: 'group-size number', cell: ({ bytes }) => size(bytes) },
  {
    title: 'Uncompressed',
    className: 'group-uncompressed number',
    cell: ({ uncompressedBytes }) => size(uncompressedBytes),
  },
];

/** @param {{ pairs: [string, string][], createdBy: string | undefined }} props */
function Origin({ pairs, createdBy }) {
  const all = [...pairs, ...(createdBy ? [['created by', createdBy]] : [])];
  if (all.length === 0) return null;
  return (
    <section class="stack" aria-label="Origin">
      <h2>Origin</h2>
      <dl class="origin">
        {all.map(([key = '', value]) => (
          <div key={key}>
            <dt class="muted small">{key.replaceAll('_', ' ')}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
