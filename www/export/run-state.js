// The state of an export: see run/run-state.js. Pure functions.
import { newTable, startRun } from '../run/run-state.js';

/** @import { ErrorData, ExportPlan, ExportedTable } from '../../pkg-scripts/types.js' */
/** @import { RunState } from '../run/run-state.js' */
/** @import { ExportedFile } from '../worker/export-calls.js' */

/**
 * @typedef {object} ExportFields
 * @property {string} database
 * @property {boolean} isQuery whether the result of a query is exported
 * @property {boolean} isDownload whether the browser downloads the files at the end
 * @property {string | undefined} folder the folder of the files in the browser's private storage
 * @property {ExportedFile[]} files once the run has ended
 *
 * @typedef {RunState<ExportedTable> & ExportFields} ExportRun
 */

/**
 * @param {string} database
 * @param {ExportPlan} plan
 * @param {{ isQuery?: boolean, isDownload: boolean, folder?: string, nowMs: number }} options
 * @returns {ExportRun}
 */
export function start(database, plan, { isQuery = false, isDownload, folder, nowMs }) {
  const tables = plan.tasks.map(({ table, rows }) => newTable(table, rows));
  const name = `export of ${database}`;
  const fields = { database, isQuery, isDownload, folder, files: [] };
  return startRun({ name, doneVerb: 'exported', tables }, fields, nowMs);
}

/** Errors that another text of the query can avoid. */
const QUERY_ERRORS = [
  ...['job_failed', 'no_result', 'type_mismatch', 'out_of_range', 'bad_schema', 'parquet', 'key_in_name'],
];

/**
 * Why the query of a finished run failed, if its text has to change.
 * @param {Pick<ExportRun, 'isQuery' | 'tables'> | undefined} run
 * @returns {{ error: ErrorData, consoleUrl: string | undefined } | undefined}
 */
export function failureOfQuery(run) {
  const [table] = run?.isQuery ? [...run.tables.values()] : [];
  if (!table?.error || !QUERY_ERRORS.includes(table.error.code)) return undefined;
  return { error: table.error, consoleUrl: table.consoleUrl };
}
