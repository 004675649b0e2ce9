import pLimit from 'p-limit';
import { PetitError, toPetitError } from '../errors.js';
import { Profile } from '../run/profile.js';
import { waiting } from '../run/waiting.js';
import { sourceRefused } from '../td/access-errors.js';
import { connect } from '../td/client.js';
import { defined } from '../utils/omit-undefined.js';
import { instantiate } from '../wasm.js';
import { startPool } from '../workers/pool.js';
import { exportTask } from './table.js';

/** @import { TableInfo } from '../account.js' */
/** @import { ExportContext, ExportedTable, ExportTask } from './table.js' */
/** @import { Account, OnEvent, Platform } from '../types.js' */

/** The way of the data. */
const STAGES = ['download', 'gunzip, split', 'encode', 'stitch', 'write'];
/** Most bytes of rows decoded at a time. */
const STEP_BYTES = 4 * 2 ** 20;

/**
 * What to export, and how.
 * @typedef {object} ExportRequest
 * @property {Account} account
 * @property {string} database
 * @property {string[]} [tables] all of the database when none is named
 * @property {string} [query] SQL, instead of tables
 * @property {string} [jobId] a finished job, instead of tables
 * @property {string} [output] file for the result of `query` or `jobId`
 * @property {string} [outputDir] folder for the tables' files (`dataset`)
 * @property {string} [timeColumn] column that the times look at (`time`)
 * @property {string} [startTime] ISO 8601, included
 * @property {string} [endTime] ISO 8601, excluded
 * @property {'snappy' | 'zstd' | 'gzip' | 'lz4' | 'none'} [compression] (`zstd`)
 * @property {'error' | 'replace' | 'binary'} [invalidUtf8] (`error`)
 * @property {number} [rowGroupRows] most rows in a row group (1,000,000)
 * @property {number} [rowGroupBytes] most uncompressed bytes of rows in a row group (8 MiB;
 *   beyond 1,024 columns 8 KiB for each, up to 64 MiB)
 * @property {number} [chunkSize] most rows decoded at a time (10,000)
 * @property {number} [downloadParallelism] ranges downloaded at a time, per table (4)
 * @property {number} [tableParallelism] tables at a time (2)
 * @property {number} [workers] encoders in parallel (one per core); 0: in the calling thread
 * @property {number} [retryTimeoutMs] how long trouble may last (300,000)
 * @property {number} [idleTimeoutMs] how long an answer, or the next bytes of one, may take (60,000)
 * @property {Platform['openSink']} [openSink] where the files go, instead of to the platform's place
 * @property {number | bigint} [splitRows] rows from which on a table is cut into several jobs, and rows of each (large ones are)
 * @property {'hour' | 'day' | 'month' | 'year'} [partition] make each table a folder of files, by the time of their rows (UTC)
 * @property {boolean} [overwrite] replace files that exist
 * @property {boolean} [dryRun] only make the plan
 * @property {boolean} [profile] tell at the end, by an event, what each stage did and waited for
 * @property {Partial<Platform>} [platform] services to use instead of the platform's own
 * @property {AbortSignal} [signal] stops the run: jobs are killed, half files removed
 * @property {OnEvent} [onEvent]
 */

/**
 * @typedef {object} ExportSummary
 * @property {string} database
 * @property {ExportTask[]} tasks what was planned
 * @property {Problem[]} problems what keeps the plan from being run
 * @property {ExportedTable[]} tables what was exported
 * @property {PetitError[]} errors what failed, one for each table
 * @property {bigint} rows
 * @property {bigint} bytes of the files
 * @property {number} seconds
 */

/**
 * @typedef {{ code: string, table?: string, message: string }} Problem
 *
 * @typedef {object} ExportPlan
 * @property {ExportTask[]} tasks the largest first
 * @property {Problem[]} problems what keeps the plan from being run
 */

/**
 * Plans an export and runs it. A table that fails does not stop the others; what failed is in the summary's `errors`.
 * @param {Platform} givenPlatform
 * @param {ExportRequest} request
 * @returns {Promise<ExportSummary>}
 */
export async function runExport(givenPlatform, request) {
  const began = performance.now();
  const { onEvent = () => {}, signal = new AbortController().signal } = request;
  const platform = withSink(givenPlatform, request);
  const { module, wasm, td, plan } = await surveyExport(platform, request);
  const { tasks, problems } = await plan(request);
  onEvent({ type: 'plan', command: 'td2parquet', database: request.database, tasks, problems });
  /** @type {ExportSummary} */
  const summary = {
    database: request.database,
    tasks,
    problems,
    tables: [],
    errors: [],
    rows: 0n,
    bytes: 0n,
    seconds: 0,
  };
  if (request.dryRun) return summary;
  const [problem] = problems;
  if (problem) throw new PetitError(problem.code, problem.message, { table: problem.table });

  const profile = request.profile ? new Profile(STAGES) : undefined;
  const workers = request.workers ?? platform.cores;
  const pool = startPool(platform, module, workers, profile?.stage('encode'));
  try {
    await exportAll({ wasm, td, pool, platform, signal, onEvent, profile }, tasks, request, summary);
  } finally {
    await pool.close();
  }
  summary.seconds = (performance.now() - began) / 1000;
  const { seconds } = summary;
  if (profile)
    onEvent({ type: 'profile', command: 'td2parquet', seconds, workers, stages: profile.toJSON() });
  const { errors, ...told } = summary;
  onEvent({ type: 'summary', command: 'td2parquet', ...told, errors: errors.map((error) => error.toJSON()) });
  return summary;
}

/**
 * What an export would do; nothing is written.
 * @param {Platform} platform
 * @param {ExportRequest} request
 * @returns {Promise<ExportPlan>}
 */
export async function planExport(platform, request) {
  const { plan } = await surveyExport(withSink(platform, request), request);
  return plan(request);
}

/**
 * The platform, with the request's own place for files: what is there already is that place's business.
 * @param {Platform} platform
 * @param {ExportRequest} request
 * @returns {Platform}
 */
function withSink(platform, { openSink }) {
  return openSink ? { ...platform, openSink, existing: async () => [] } : platform;
}

/**
 * Plans an export of the database that was looked at, without another look at Treasure Data.
 * @typedef {(options: Omit<ExportRequest, 'account' | 'database'>) => Promise<ExportPlan>} ExportPlanner
 */

/**
 * Looks at the database's tables, unless none is wanted: the plan is of a query or a job then.
 * @param {Platform} platform
 * @param {ExportRequest} request
 * @returns {Promise<Pick<ExportContext, 'wasm' | 'td'> & { module: WebAssembly.Module, tables?: TableInfo[],
 *   plan: ExportPlanner }>}
 */
export async function surveyExport(platform, request) {
  const { account, database, signal, onEvent = () => {}, query, jobId } = request;
  const module = await platform.loadWasm();
  const wasm = instantiate(module);
  const td = connect(platform, wasm, account, request);
  const run = { signal, ...waiting((message) => onEvent({ type: 'waiting', message })) };
  const wantsTables = query === undefined && jobId === undefined;
  const list = { call: 'list_tables', database };
  const listing = wantsTables ? await sourceRefused(() => td.call(list, run)) : undefined;
  /** @type {ExportPlanner} */
  const plan = async (options) => {
    const { tables, query, jobId, output, outputDir = 'dataset', overwrite } = options;
    const { timeColumn, startTime, endTime, splitRows, partition } = options;
    const asked = defined({
      site: td.site ?? td.endpoint,
      ...{ database, tables, query, jobId, output, outputDir, overwrite, splitRows, partition },
      ...{ timeColumn, startTime, endTime },
      listing: query === undefined && jobId === undefined ? listing : undefined,
    });
    const paths = wasm.planExport(asked).tasks.map((/** @type {ExportTask} */ task) => task.outputPath);
    return wasm.planExport({ ...asked, existing: await platform.existing(paths) });
  };
  return { module, wasm, td, tables: listing, plan };
}

/**
 * @param {ExportContext} context
 * @param {ExportTask[]} tasks
 * @param {ExportRequest} request
 * @param {ExportSummary} summary gets what was done
 */
async function exportAll(context, tasks, request, summary) {
  const { downloadParallelism = 4, tableParallelism = 2, overwrite = false } = request;
  const { compression = 'zstd', invalidUtf8 = 'error', chunkSize = 10_000 } = request;
  const { rowGroupRows = 1_000_000, rowGroupBytes } = request;
  const bounds = {
    stepRows: chunkSize,
    stepBytes: STEP_BYTES,
    groupRows: rowGroupRows,
    groupBytes: rowGroupBytes,
  };
  const parquet = { compression, invalidUtf8, bounds };
  const options = { parquet, downloadParallelism, tableParallelism, overwrite };
  const { signal, onEvent } = context;
  // Of tables in partitions, as many partitions are written at a time instead.
  const limit = pLimit(request.partition ? 1 : tableParallelism);
  const one = async (/** @type {ExportTask} */ task) => {
    signal.throwIfAborted();
    try {
      const exported = await exportTask(context, task, options);
      summary.tables.push(exported);
      summary.rows += exported.rows;
      summary.bytes += exported.bytes;
      onEvent({ type: 'table', state: 'done', ...exported });
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      const error = /** @type {PetitError} */ (toPetitError(thrown, task));
      summary.errors.push(error);
      onEvent({ type: 'table', state: 'failed', table: task.table, error: error.toJSON() });
      onEvent({ type: 'error', ...error.toJSON() });
    }
  };
  const runs = await Promise.allSettled(tasks.map((task) => limit(one, task)));
  signal.throwIfAborted();
  const defect = runs.find((run) => run.status === 'rejected');
  if (defect) throw defect.reason;
}
