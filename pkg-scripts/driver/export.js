import { download } from './download.js';
import { interrupted, PetitError, toPetitError } from './errors.js';
import { waitForJob } from './job.js';
import { encodeParquet } from './parquet.js';
import { rowCount } from './plain.js';
import { meteredSource, timed } from './profile.js';
import { SlicedResult, slicesOf } from './slices.js';
import { waiting } from './waiting.js';

/** @import { Pool } from './pool.js' */
/** @import { ParquetOptions } from './parquet.js' */
/** @import { Profile } from './profile.js' */
/** @import { Run, TreasureData } from './td.js' */
/** @import { OnEvent, Place, Platform } from './types.js' */
/** @import { Wasm } from './wasm.js' */

/** The schema of a job that gives no rows because it is no query: INSERT, CREATE TABLE … */
const NO_COLUMNS = '[]';

/**
 * One table, query or finished job to export.
 * @typedef {object} ExportTask
 * @property {string} table what it is called in events: the table's name, else the file's
 * @property {string} database
 * @property {string} [sql]
 * @property {string} [jobId] a finished job, instead of `sql`
 * @property {string} outputPath
 * @property {number} [rows] as the listing has it: an estimate
 * @property {number} [bytes] stored at Treasure Data, compressed: an estimate
 * @property {boolean} [hasCondition] whether `sql` ends in a condition
 * @property {number} [sliceRows] rows of a slice, if the table is cut into several jobs
 * @property {string} [slicesSql]
 * @property {[string, string][]} metadata what the file shall tell of where it comes from
 */

/**
 * @typedef {object} ExportContext
 * @property {Wasm} wasm
 * @property {TreasureData} td
 * @property {Pool} pool
 * @property {Platform} platform
 * @property {AbortSignal} signal
 * @property {OnEvent} onEvent
 * @property {Profile} [profile] counts what the stages do
 */

/**
 * @typedef {object} ExportOptions
 * @property {Omit<ParquetOptions, 'metadata'>} parquet
 * @property {number} downloadParallelism
 * @property {boolean} overwrite
 */

/**
 * @typedef {object} ExportedTable
 * @property {string} table
 * @property {string} outputPath
 * @property {string} job the first of them
 * @property {string[]} jobs
 * @property {number} rows
 * @property {number} bytes size of the Parquet file
 * @property {number} downloadedBytes
 * @property {number} seconds
 * @property {string[]} notes
 */

/** @typedef {Pick<SlicedResult, 'jobs' | 'numRecords' | 'resultSize' | 'first' | 'chunks' | 'close'>} Result */

/**
 * Exports one task into one file, which appears only when it is complete and its row count equals the job's.
 * @param {ExportContext} context
 * @param {ExportTask} task
 * @param {ExportOptions} options
 * @returns {Promise<ExportedTable>}
 */
export async function exportTask(context, task, options) {
  /** @type {Place} */
  const place = { database: task.database, table: task.table };
  /** @type {{ result?: Result }} */
  const held = {};
  const unwanted = new AbortController();
  const signal = AbortSignal.any([context.signal, unwanted.signal]);
  try {
    return await exportJob({ ...context, signal }, task, options, place, held);
  } catch (error) {
    // Ranges and jobs that are still under way would keep the process, and be tried again, for nobody.
    unwanted.abort(interrupted('the table has failed'));
    await held.result?.close();
    throw toPetitError(error, place);
  }
}

/**
 * @param {ExportContext} context
 * @param {ExportTask} task
 * @param {ExportOptions} options
 * @param {Place} place gets the job, once there is one
 * @param {{ result?: Result }} held gets the result, once there is one
 */
async function exportJob(context, task, options, place, held) {
  const { wasm, td, pool, platform, signal, onEvent, profile } = context;
  const began = performance.now();
  const { table, outputPath } = task;
  const done = {
    rows: 0,
    bytes: 0,
    totalRows: task.rows,
    totalBytes: /** @type {number | undefined} */ (undefined),
  };
  let phase = 'queued';
  const tell = (/** @type {string} */ waiting = '') =>
    onEvent({ type: 'progress', table, phase, ...done, ...(waiting && { waiting }) });
  const waits = waiting(tell);
  /** @type {Run} */
  const run = {
    ...waits,
    signal,
    onLook(looked, ms) {
      phase = looked.status;
      tell();
      waits.onLook?.(looked, ms);
    },
  };
  // The file comes first: a folder that cannot be written to should not cost a job.
  const sink = await platform.openSink(outputPath, { overwrite: options.overwrite });
  const { result, job, notes } = await orAbort(sink, async () => {
    const result = await resultOf(wasm, td, task, options.downloadParallelism, run);
    held.result = result;
    const job = await result.first();
    place.job = job.jobId;
    if (job.schema === NO_COLUMNS) throw new PetitError('no_result', 'the job has no result');
    const { invalidUtf8 } = options.parquet;
    return { result, job, notes: wasm.describeSchema(job.schema, { invalidUtf8 }).notes };
  });
  done.totalRows = result.numRecords ?? done.totalRows;
  done.totalBytes = result.resultSize;
  phase = 'exporting';
  tell();

  const downloaded = meteredSource(profile?.stage('download'), result.chunks(), (chunk) => chunk.length);
  const chunks = counted(downloaded, (bytes) => {
    done.bytes += bytes;
    tell();
  });
  const metadata = [...task.metadata, ...jobMetadata(job)];
  const onRows = (/** @type {number} */ rows) => {
    done.rows += rows;
    tell();
  };
  const parquet = { ...options.parquet, metadata };
  const file = encodeParquet(wasm, pool, job.schema, chunks, parquet, onRows, profile);
  const writing = { sink, signal, stage: profile?.stage('write') };
  const bytes = await writeFile(file, writing, (rows) => checkRowCount(result.numRecords, rows));
  const seconds = (performance.now() - began) / 1000;
  return {
    table,
    outputPath,
    job: job.jobId,
    jobs: result.jobs.map(({ jobId }) => jobId),
    rows: done.rows,
    bytes,
    downloadedBytes: done.bytes,
    seconds,
    notes,
  };
}

/**
 * What `work` gives; when it fails, the sink is given up.
 * @template T
 * @param {import('./types.js').Sink} sink
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function orAbort(sink, work) {
  try {
    return await work();
  } catch (error) {
    await sink.writable.abort(error);
    throw error;
  }
}

/**
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {ExportTask} task
 * @param {number} parallelism jobs at a time, and ranges of a result
 * @param {Run} run
 * @returns {Promise<Result>}
 */
async function resultOf(wasm, td, task, parallelism, run) {
  const { database, sql, jobId } = task;
  if (sql !== undefined) {
    const slices = await slicesOf(wasm, td, database, { ...task, sql }, run);
    return new SlicedResult({ wasm, td, database, slices, parallelism }, run);
  }
  const job = await waitForJob(wasm, td, /** @type {string} */ (jobId), run);
  const { numRecords, resultSize } = job;
  const chunks = () => download(td, job, { parallelism, run });
  return { jobs: [job], numRecords, resultSize, first: async () => job, chunks, close: async () => {} };
}

/**
 * Writes what the generator yields and closes the sink once `check` accepts what it returns; else nothing is left.
 * @param {AsyncGenerator<Uint8Array, number>} file
 * @param {{ sink: import('./types.js').Sink, signal: AbortSignal, stage?: import('./profile.js').Stage }} writing
 * @param {(rows: number) => void} check
 */
async function writeFile(file, { sink, signal, stage }, check) {
  const writer = sink.writable.getWriter();
  let written = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await file.next();
      if (done) {
        check(value);
        break;
      }
      written += value.length;
      await timed(stage, value.length, () => writer.write(value));
    }
    await timed(stage, 0, () => writer.close());
  } catch (error) {
    await file.return(0);
    await writer.abort(error).catch(() => {}); // The sink that failed rejects with the error that is thrown here.
    throw error;
  }
  return written;
}

/**
 * @param {number | undefined} numRecords of the job, or of all slices' jobs
 * @param {number} rows
 */
function checkRowCount(numRecords, rows) {
  if (numRecords === undefined || numRecords === rows) return;
  throw new PetitError(
    'row_count_mismatch',
    `the job has ${rowCount(numRecords)}, but ${rows} were received`,
  );
}

/**
 * @param {import('./job.js').FinishedJob} job
 * @returns {[string, string][]}
 */
function jobMetadata({ jobId, schema }) {
  return [
    ['td.job_id', jobId],
    ['td.result_schema', schema],
  ];
}

/**
 * The same chunks, their bytes told.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {(bytes: number) => void} tell
 */
export async function* counted(chunks, tell) {
  for await (const chunk of chunks) {
    tell(chunk.length);
    yield chunk;
  }
}
