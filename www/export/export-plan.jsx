import { count, size } from '../../pkg-scripts/shared/format.js';
import { baseName } from '../../pkg-scripts/sinks/sinks.js';
import { Button } from '../components/button.jsx';
import { Alert, Empty, Tiles } from '../components/signs.jsx';
import { Table } from '../components/table.jsx';
import { hintOf } from '../run/hints.js';
import { look, looking, planning, what } from './export-state.js';
import { places, way } from './places.js';
import { Sql } from './sql.jsx';
import { TableChooser } from './table-chooser.jsx';

/** @import { ExportPlan } from '../../pkg-scripts/types.js' */
/** @import { Column } from '../components/table.jsx' */
/** @import { Trouble } from '../worker/messages.js' */

/** @typedef {ExportPlan['tasks'][number]} Task */

/** The tables to choose from, and the files that come of what is chosen. */
export function ExportPlanView() {
  const now = looking.value;
  if (now.is === 'none') {
    return (
      <Empty icon="grid" title="No database chosen">
        <p>Choose one, and its tables appear here.</p>
      </Empty>
    );
  }
  if (now.is === 'failed') return <Failed title="The database cannot be read" trouble={now.trouble} />;
  const isLooking = now.is === 'looking';
  return (
    <section class="stack" aria-label="Plan" aria-busy={isLooking}>
      {what.value === 'tables' ? (
        <TableChooser tables={now.is === 'known' ? now.tables : undefined} isLooking={isLooking} />
      ) : (
        <Sql />
      )}
      <Planned />
    </section>
  );
}

/** @param {{ title: string, trouble: Trouble }} props */
function Failed({ title, trouble }) {
  return (
    <div class="plan-none">
      <Alert tone="bad" title={title} live>
        <p>{trouble.message}</p>
        <p>{hintOf(trouble)}</p>
        <div class="row">
          <Button small icon="again" onClick={look}>
            Look again
          </Button>
        </div>
      </Alert>
    </div>
  );
}

/** @type {Column<Task>[]} */
const COLUMNS = [
  {
    title: 'File',
    kind: 'file-name cut',
    cell: ({ outputPath }) => <span title={baseName(outputPath)}>{baseName(outputPath)}</span>,
  },
  { title: 'Rows, about', kind: 'file-rows number', cell: ({ rows }) => (rows == null ? '' : count(rows)) },
  {
    title: 'Stored, about',
    kind: 'file-size number',
    cell: ({ bytes }) => (bytes == null ? '' : size(bytes)),
  },
  {
    title: 'Query',
    kind: 'file-sql cut soft small',
    cell: ({ sql }) => <code title={sql}>{sql?.replaceAll(/\s+/g, ' ')}</code>,
  },
];

function Planned() {
  const now = planning.value;
  if (now.is === 'failed') return <Failed title="There is no plan" trouble={now.trouble} />;
  const { tasks = [], problems = [] } = now.is === 'planned' ? now.plan : {};
  const isQuery = what.value === 'query';
  const bytes = sumOf(tasks, ({ bytes }) => bytes);
  return (
    <>
      <Tiles
        tiles={[
          { title: 'Files', value: count(tasks.length), note: 'Parquet' },
          { title: 'Rows', value: isQuery ? '–' : count(sumOf(tasks, ({ rows }) => rows)), note: 'about' },
          { title: 'Stored', value: isQuery ? '–' : size(bytes), note: 'at Treasure Data, about' },
        ]}
      />
      <Table
        label="Files of the plan"
        kind="file-table"
        columns={COLUMNS}
        rows={tasks}
        keyOf={({ outputPath }) => outputPath}
        height={Math.min(6, Math.max(3, tasks.length))}
        none={
          isQuery
            ? 'Write a SELECT, and the file appears here.'
            : 'Choose tables, and their files appear here.'
        }
      />
      {problems.length > 0 && (
        <Alert tone="bad" title="In the way" live>
          {problems.slice(0, 20).map(({ table, message }) => (
            <p key={`${table} ${message}`}>{table ? `${table}: ${message}` : message}</p>
          ))}
        </Alert>
      )}
      <Room bytes={bytes} />
    </>
  );
}

/** Says so when the files may be too large for where they go.
 * @param {{ bytes: bigint }} props */
function Room({ bytes }) {
  const { room, limit } = places.value ?? {};
  const most = way.value === 'picker' ? undefined : (limit ?? room);
  if (most === undefined || bytes <= most) return null;
  return (
    <Alert tone="warn" title="This may be more than the browser has room for">
      <p>
        About {size(bytes)} are stored at Treasure Data, and there is room for {size(most)}. Choose fewer
        tables, a shorter time, or where the files go.
      </p>
    </Alert>
  );
}

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T) => bigint | null | undefined} of
 */
const sumOf = (items, of) => items.reduce((total, item) => total + (of(item) ?? 0n), 0n);
