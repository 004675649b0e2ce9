import { count, size } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Table } from '../components/table.jsx';
import { viewFile } from '../parquet/open-file.js';
import { isRunning } from '../run/run-state.js';
import { nameColumn, progressColumn, stateColumn, stepColumn } from '../run/table-columns.jsx';
import { downloads } from './downloads.js';
import { startDownload } from './run.js';

/** @import { ExportedTable } from '../../pkg-scripts/types.js' */
/** @import { Column } from '../components/table.jsx' */
/** @import { TableRun } from '../run/run-state.js' */
/** @import { ExportedFile } from '../worker/export-calls.js' */
/** @import { ExportRun } from './run-state.js' */

/** @typedef {Column<TableRun<ExportedTable>>} FileColumn */

/** An export skips no tables. */
const LABELS = { active: 'Exporting', done: 'Written', failed: 'Failed', waiting: 'Waiting', skipped: '' };

/** @type {FileColumn[]} */
const COLUMNS = [
  stateColumn(LABELS),
  nameColumn,
  progressColumn,
  { title: 'Rows', className: 'run-rows number', cell: ({ rows }) => count(rows) },
  {
    title: 'Size',
    className: 'run-size number',
    cell: ({ result, bytes }) => size(result ? result.bytes : bytes),
  },
];

/** The files of a run, each with its progress, then with buttons to view and download it.
 * @param {{ run: ExportRun }} props */
export function FileTable({ run }) {
  const { tables } = run;
  return (
    <Table
      label="Files of the export"
      className="export-table"
      columns={[...COLUMNS, isRunning(run) ? stepColumn : fileColumn(run)]}
      rows={[...tables.values()]}
      keyOf={({ table }) => table}
      height={Math.min(8, Math.max(3, tables.size))}
      emptyText="No files."
    />
  );
}

/**
 * @param {ExportRun} run
 * @returns {FileColumn}
 */
function fileColumn(run) {
  const fileOf = new Map(run.files.map((file) => [file.table, file]));
  return {
    title: 'File',
    className: 'run-file',
    cell: ({ table, error }) => {
      const file = fileOf.get(table);
      if (!file) return <span class="small">{error ? 'see the error below' : ''}</span>;
      return <FileActions run={run} file={file} />;
    },
  };
}

/** @param {{ run: ExportRun, file: ExportedFile }} props */
function FileActions({ run, file }) {
  const state = downloads.value.get(file);
  // The file is no longer in the browser.
  if (state === 'done') return <span class="small muted">Downloaded</span>;
  return (
    <span class="row file-actions">
      <Button small variant="quiet" onClick={() => viewFile(file.name, file.file)}>
        View contents
      </Button>
      {run.isDownload && (
        <Button small variant="quiet" disabled={state === 'waiting'} onClick={() => startDownload(run, file)}>
          {state === 'active' ? 'Download again' : 'Download'}
        </Button>
      )}
    </span>
  );
}
