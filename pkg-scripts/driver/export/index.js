import { personalColumnsOf, throwPersonal } from '../result/personal.js';
import { forEachTable } from '../run/for-each-table.js';
import { DEFAULTS } from '../run/options.js';
import { withPipeline } from '../run/run.js';
import { openAddress } from './address.js';
import { checkPaths, inspectExport, throwFirst } from './inspect.js';
import { exportTable } from './table.js';
import { addUpdates } from './update.js';

/** @import { ExportRequest, ExportSummary, MaskOptions } from '../../types.js' */
/** @import { Pipeline, RunContext } from '../run/run.js' */
/** @import { TableList, TdClient } from '../td/client.js' */
/** @import { ParquetOptions } from './parquet.js' */

/** In the order in which the data passes through them. */
const STAGES = ['download', 'gunzip, split', 'encode', 'stitch', 'write'];
/** Maximum bytes of rows decoded at a time. */
const BATCH_BYTES = 4 * 2 ** 20;

/**
 * What all tables of an export share.
 * @typedef {object} ExportSettings
 * @property {TdClient} source
 * @property {TableList} [tables] the tables of the database, if tables are exported
 * @property {ParquetOptions} parquet
 * @property {MaskOptions} masking
 * @property {boolean} overwrite
 *
 * @typedef {RunContext & Pipeline & ExportSettings} ExportRun
 */

/**
 * Plans an export and runs it. A table that fails does not stop the others.
 * @param {RunContext} run
 * @param {ExportRequest} request
 * @returns {Promise<ExportSummary>}
 */
export async function exportTables(run, request) {
  const target = await openAddress(run, request);
  return target ? exportTo(target.run, target.request, target.name) : exportTo(run, request);
}

/**
 * @param {RunContext} run
 * @param {ExportRequest} request
 * @param {string} [address] of the only file, if it is none of the platform's paths
 * @returns {Promise<ExportSummary>}
 */
async function exportTo(run, request, address) {
  const { onEvent } = run;
  const { database } = request;
  const early = await checkPaths(run, request);
  throwFirst(request.dryRun ? early.filter(({ code }) => code === 'invalid_option') : early);
  const inspection = await inspectExport(run, request);
  const { source, tables, plan } = inspection;
  const planned = await plan(request);
  const { problems, notChosen, skippedViews, jobs } = planned;
  const timeRange = planned.timeRange && { timeRange: planned.timeRange };
  // A file is named after its table, whose name comes from a server.
  const tasks = planned.tasks.map((task) => ({
    ...task,
    outputPath: address ?? run.outlet.text(task.outputPath),
  }));
  if (request.dryRun) await addUpdates({ ...run, source, tables }, { database, tasks, problems });
  const personal = await personalColumnsOfExport(run, request, inspection, tasks);
  const found = { ...timeRange, ...(personal && { personal }) };
  onEvent({
    type: 'plan',
    command: 'td2parquet',
    database,
    tasks,
    problems,
    jobs,
    notChosen,
    skippedViews,
    ...found,
  });
  /** @type {ExportSummary} */
  const summary = {
    ...{ database, tasks, problems, notChosen, skippedViews, ...found },
    ...{ tables: [], errors: [], rows: 0n, bytes: 0n, seconds: 0 },
  };
  if (request.dryRun) return summary;
  throwFirst(problems);
  throwPersonal(personal, request);

  const { workers, profile, overwrite = false, mask, maskKey } = request;
  const masking = { mask, maskKey };
  const settings = { source, tables, parquet: parquetOptionsOf(request), masking, overwrite };
  const options = /** @type {const} */ ({ command: 'td2parquet', stages: STAGES, workers, profile });
  summary.seconds = await withPipeline(run, options, (pipeline) =>
    exportTasks({ ...run, ...pipeline, ...settings }, summary),
  );
  const { errors, personal: _, ...rest } = summary;
  onEvent({ type: 'summary', command: 'td2parquet', ...rest, errors: errors.map((error) => error.toJSON()) });
  return summary;
}

/**
 * The columns that look personal and have no rule. Those of a query, a job or a view are not known before there are rows.
 * @param {RunContext} run
 * @param {ExportRequest} request
 * @param {{ source: TdClient, tables?: TableList | undefined }} inspection
 * @param {{ table: string }[]} tasks
 */
export function personalColumnsOfExport(run, request, { source: td, tables }, tasks) {
  const place = { td, database: request.database, tables };
  return personalColumnsOf(
    run,
    place,
    tasks.map(({ table }) => table),
    request,
  );
}

/**
 * @param {ExportRequest} request
 * @returns {ParquetOptions}
 */
function parquetOptionsOf(request) {
  const {
    compression = DEFAULTS.compression,
    invalidUtf8 = DEFAULTS.invalidUtf8,
    encodings = DEFAULTS.encodings,
    showValues = false,
  } = request;
  const { chunkSize = DEFAULTS.chunkSize, rowGroupRows = DEFAULTS.rowGroupRows, rowGroupBytes } = request;
  const batch = { batchRows: chunkSize, batchBytes: BATCH_BYTES };
  return {
    // Those of a table are in its task.
    ...{ compression, invalidUtf8, encodings, showValues, timestampColumns: [] },
    bounds: { ...batch, groupRows: rowGroupRows, groupBytes: rowGroupBytes },
  };
}

/**
 * @param {ExportRun} run
 * @param {ExportSummary} summary gets the result of each table
 */
async function exportTasks(run, summary) {
  const { onEvent } = run;
  summary.errors = await forEachTable(
    run,
    summary.tasks,
    async (task) => {
      const exported = await exportTable(run, task);
      summary.tables.push(exported);
      summary.rows += exported.rows;
      summary.bytes += exported.bytes;
      onEvent({ type: 'table', state: 'done', ...exported });
    },
    ({ table }, error) => onEvent({ type: 'table', state: 'failed', table, error: error.toJSON() }),
  );
}
