import { useEffect, useRef } from 'preact/hooks';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Alert, Tiles } from '../components/signs.jsx';
import { Table } from '../components/table.jsx';
import { hintOf } from '../run/hints.js';
import { opened, wanted } from './open-file.js';
import { SizeChart } from './size-chart.jsx';

/** @import { Column } from '../components/table.jsx' */
/** @import { ParquetColumn, ParquetLook } from './read-parquet.js' */

/** The Parquet file that was opened: its schema, its sizes and its first rows. */
export function Opened() {
  const now = opened.value;
  if (now.is === 'none') return null;
  if (now.is === 'reading') return <p role="status">{`Reading ${now.name}…`}</p>;
  if (now.is === 'failed') {
    return (
      <Alert tone="bad" title={`${now.name}: ${now.trouble.message}`} live>
        <p>{hintOf(now.trouble)}</p>
      </Alert>
    );
  }
  return <Look name={now.name} look={now.look} />;
}

/** @param {{ name: string, look: ParquetLook }} props */
function Look({ name, look }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  // Asked for from further up: the reader is brought there.
  useEffect(() => {
    if (wanted.peek() === name) place.current?.scrollIntoView({ block: 'start' });
    wanted.value = '';
  }, [name]);
  const { bytes, rows, columns, rowGroups, codecs, times, createdBy } = look;
  return (
    <section class="stack" aria-label="Inside the file" ref={place}>
      <h2>{name}</h2>
      <Tiles
        tiles={[
          { title: 'Rows', value: count(rows), note: `${count(columns.length)} columns` },
          { title: 'Size', value: size(bytes), note: codecs.join(', ').toLowerCase() },
          { title: 'Row groups', value: count(rowGroups.length), note: groupsNote(rowGroups) },
          { title: 'From', value: dayOf(times?.from), note: hourOf(times?.from) },
          { title: 'To', value: dayOf(times?.to), note: hourOf(times?.to) },
        ]}
      />
      <div class="look-columns">
        <section class="stack" aria-label="Schema">
          <h2>Schema</h2>
          <Table
            label="Columns"
            kind="schema-table"
            columns={SCHEMA}
            rows={columns}
            keyOf={({ name }) => name}
            height={Math.min(9, Math.max(4, columns.length))}
            none="No columns."
          />
        </section>
        <SizeChart key={name} columns={columns} />
      </div>
      <FirstRows columns={columns} rows={look.firstRows} />
      <section class="stack" aria-label="Row groups">
        <h2>Row groups</h2>
        <Table
          label="Row groups of the file"
          kind="groups-table"
          columns={GROUPS}
          rows={rowGroups}
          keyOf={({ index }) => String(index)}
          height={Math.min(6, Math.max(3, rowGroups.length))}
          none="No row groups: the file has no rows."
        />
      </section>
      <Origin pairs={look.origin} createdBy={createdBy} />
    </section>
  );
}

/** @param {ParquetLook['rowGroups']} groups */
function groupsNote(groups) {
  const most = groups.reduce((most, { rows }) => Math.max(most, rows), 0);
  return most > 0 ? `${count(most)} rows at most` : '';
}

/** @param {string | undefined} time */
const dayOf = (time) => time?.slice(0, 10) ?? '–';
/** @param {string | undefined} time */
const hourOf = (time) => (time ? `${time.slice(11, 19)} UTC` : 'no column time');

/** @type {Column<ParquetColumn>[]} */
const SCHEMA = [
  { title: 'Column', kind: 'schema-name cut', cell: ({ name }) => <span title={name}>{name}</span> },
  {
    title: 'TD type',
    kind: 'schema-td cut',
    cell: ({ tdType = '–' }) => <code title={tdType}>{tdType}</code>,
  },
  { title: 'Arrow type', kind: 'schema-type cut', cell: ({ type }) => <code title={type}>{type}</code> },
  { title: 'Size', kind: 'schema-size number', cell: ({ bytes }) => size(bytes) },
];

/** @type {Column<ParquetLook['rowGroups'][number]>[]} */
const GROUPS = [
  { title: 'Number', kind: 'group-index', cell: ({ index }) => count(index + 1) },
  { title: 'Rows', kind: 'group-rows number', cell: ({ rows }) => count(rows) },
  { title: 'Size', kind: 'group-size number', cell: ({ bytes }) => size(bytes) },
  { title: 'Uncompressed', kind: 'group-plain number', cell: ({ plainBytes }) => size(plainBytes) },
];

/** @param {{ columns: ParquetColumn[], rows: ParquetLook['firstRows'] }} props */
function FirstRows({ columns, rows }) {
  return (
    <section class="stack" aria-label="First rows">
      <h2>First {count(rows.length)} rows</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so must the keyboard */}
      <section class="rows-pane" aria-label="Values" tabIndex={0}>
        <table class="rows-table">
          <thead>
            <tr>
              {columns.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {columns.map(({ name }, place) => (
                  <td key={name}>{row[place] ?? <span class="soft">NULL</span>}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** @param {{ pairs: [string, string][], createdBy: string | undefined }} props */
function Origin({ pairs, createdBy }) {
  const all = [...pairs, ...(createdBy ? [['written by', createdBy]] : [])];
  if (all.length === 0) return null;
  return (
    <section class="stack" aria-label="Where it comes from">
      <h2>Where it comes from</h2>
      <dl class="origin">
        {all.map(([key = '', value]) => (
          <div key={key}>
            <dt class="soft small">{key.replaceAll('_', ' ')}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
