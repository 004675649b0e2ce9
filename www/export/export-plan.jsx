import { count, size } from '../../pkg-scripts/shared/format.js';
import { baseName } from '../../pkg-scripts/sinks/sinks.js';
import { Alert } from '../components/alert.jsx';
import { EmptyState } from '../components/empty-state.jsx';
import { StatTiles } from '../components/stat-tiles.jsx';
import { Table } from '../components/table.jsx';
import { ErrorAlert } from '../run/error-alert.jsx';
import { inspect, listing, mode, planning } from './export-state.js';
import { QueryForm } from './query-form.jsx';
import { saveMethod, support } from './save-target.js';
import { TableChooser } from './table-chooser.jsx';

/** @import { ErrorData, ExportPlan } from '../../pkg-scripts/types.js' */
/** @import { Column } from '../components/table.jsx' */

/** @typedef {ExportPlan['tasks'][number]} Task */

/** Limits the size of the document. */
const MAX_PROBLEMS = 20;

/** The tables to choose from or the query, and the files of the plan. */
export function ExportPlanView() {
  const state = listing.value;
  if (state.status === 'none') {
    return (
      <EmptyState icon="grid" title="No database chosen">
        <p>Choose a database to see its tables.</p>
      </EmptyState>
    );
  }
  if (state.status === 'failed') return <Failure title="Cannot read the database" error={state.error} />;
  const isInspecting = state.status === 'inspecting';
  return (
    <section class="stack" aria-label="Plan" aria-busy={isInspecting}>
      {mode.value === 'tables' ? (
        <TableChooser tables={state.status === 'listed' ? state.tables : []} isInspecting={isInspecting} />
      ) : (
        <QueryForm />
      )}
      <PlannedFiles />
    </section>
  );
}

/** @param {{ title: string, error: ErrorData }} props */
function Failure({ title, error }) {
  return (
    <div class="plan-error">
      <ErrorAlert title={title} error={error} live onRetry={inspect} />
    </div>
  );
}

/** @type {Column<Task>[]} */
const COLUMNS = [
  {
    title: 'File',
    className: 'file-name truncate',
    cell: ({ outputPath }) => <span title={baseName(outputPath)}>{baseName(outputPath)}</span>,
  },
  {
    title: 'Approx. rows',
    className: 'file-rows number',
    cell: ({ rows }) => (rows == null ? '' : count(rows)),
  },
  {
    title: 'Approx. size',
    className: 'file-size number',
    cell: ({ bytes }) => (bytes == null ? '' : size(bytes)),
  },
  {
    title: 'Query',
    className: 'file-sql truncate muted small',
    cell: ({ sql }) => <code title={sql}>{sql?.replaceAll(/\s+/g, ' ')}</code>,
  },
];

function PlannedFiles() {
  const state = planning.value;
  if (state.status === 'failed') return <Failure title="Planning failed" error={state.error} />;
  const { tasks, problems } = state.status === 'planned' ? state.plan : { tasks: [], problems: [] };
  const bytes = sumOf(tasks, (task) => task.bytes);
  return (
    <>
      <StatTiles stats={statsOf(tasks, bytes)} />
      <Table
        label="Files of the plan"
        className="file-table"
        columns={COLUMNS}
        rows={tasks}
        keyOf={({ outputPath }) => outputPath}
        height={Math.min(6, Math.max(3, tasks.length))}
        emptyText={
          mode.value === 'query' ? 'Enter a SELECT to see its file.' : 'Choose tables to see their files.'
        }
      />
      {problems.length > 0 && (
        <Alert tone="bad" title="Conflicts" live>
          {problems.slice(0, MAX_PROBLEMS).map(({ table, message }) => (
            <p key={`${table} ${message}`}>{table ? `${table}: ${message}` : message}</p>
          ))}
        </Alert>
      )}
      <SpaceWarning bytes={bytes} />
    </>
  );
}

/**
 * @param {Task[]} tasks
 * @param {bigint} bytes
 */
function statsOf(tasks, bytes) {
  // The size of a query's result is unknown before it has run.
  const isKnown = mode.value === 'tables';
  const rows = sumOf(tasks, (task) => task.rows);
  return [
    { title: 'Files', value: count(tasks.length), note: 'Parquet' },
    { title: 'Rows', value: isKnown ? count(rows) : '–', note: 'estimate' },
    { title: 'Size', value: isKnown ? size(bytes) : '–', note: 'in Treasure Data, estimate' },
  ];
}

/** Warns if the files may be larger than the space for them.
 * @param {{ bytes: bigint }} props */
function SpaceWarning({ bytes }) {
  const { room, limit } = support.value ?? {};
  const max = saveMethod.value === 'picker' ? undefined : (limit ?? room);
  if (max === undefined || bytes <= max) return null;
  return (
    <Alert tone="warn" title="The browser may not have enough space">
      <p>
        The data takes about {size(bytes)} in Treasure Data, and the browser has {size(max)}. Choose fewer
        tables, a shorter time range, or another place to save the files.
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
