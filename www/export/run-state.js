// The state of an export: see run/run-state.js. Pure functions.
import { newTable, startRun } from '../run/run-state.js';

/** @import { ExportPlan, ExportedTable } from '../../pkg-scripts/types.js' */
/** @import { RunState } from '../run/run-state.js' */
/** @import { ExportedFile } from '../worker/export-calls.js' */

/**
 * @typedef {object} ExportFields
 * @property {string} database
 * @property {boolean} isDownload whether the browser downloads the files at the end
 * @property {string | undefined} folder the folder of the files in the browser's private storage
 * @property {ExportedFile[]} files once the run has ended
 *
 * @typedef {RunState<ExportedTable> & ExportFields} ExportRun
 */

/**
 * @param {string} database
 * @param {ExportPlan} plan
 * @param {{ isDownload: boolean, folder?: string, nowMs: number }} options
 * @returns {ExportRun}
 */
export function start(database, plan, { isDownload, folder, nowMs }) {
  const tables = plan.tasks.map(({ table, rows }) => newTable(table, rows));
  const name = `export of ${database}`;
  return startRun({ name, doneVerb: 'exported', tables }, { database, isDownload, folder, files: [] }, nowMs);
}
