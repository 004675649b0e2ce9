import { interrupted, PetitError, toPetitError } from '../errors.js';
import { download } from '../result/download.js';
import { SlicedResult, slicesOf } from '../result/job-result.js';
import { meteredSource, timed } from '../run/profile.js';
import { TableProgress } from '../run/progress.js';
import { waitForJob } from '../td/job.js';
import { rowCount } from '../utils/omit-undefined.js';
import { encodeParquet } from './parquet.js';
import { exportPartitions } from './partitions.js';

/** @import { FinishedJob } from '../td/job.js' */
/** @import { Pool } from '../workers/pool.js' */
/** @import { ParquetOptions } from './parquet.js' */
/** @import { Profile } from '../run/profile.js' */
/** @import { Run, TreasureData } from '../td/client.js' */
/** @import { OnEvent, Place, Platform } from '../types.js' */
/** @import { Wasm } from '../wasm.js' */

/** The schema of a job that gives no rows because it is no query: INSERT, CREATE TABLE … */
const NO_COLUMNS = '[]';

/** @typedef {{ by: 'hour' | 'day' | 'month' | 'year', key: string }} Partitioning what folders are called by, and how */

/**
 * One table, query or finished job to export.
 * @typedef {object} ExportTask
 * @property {string} table what it is called in events: the table's name, else the file's
 * @property {string} database
 * @property {string} [sql]
 * @property {string} [jobId] a finished job, instead of `sql`
 * @property {string} outputPath the file, or of a table in partitions the folder
 * @property {Partitioning} [partitioning] how the table becomes a folder of files
 * @property {bigint} [rows] as the listing has it: an estimate
 * @property {bigint} [bytes] stored at Treasure Data, compressed: an estimate
 * @property {boolean} [hasCondition] whether `sql` ends in a condition
 * @property {bigint} [sliceRows] rows of a slice, if the table is cut into several jobs
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
 * @property {number} tableParallelism files of a table in partitions at a time
 */

/**
 * @typedef {object} ExportedTable
 * @property {string} table
 * @property {string} outputPath
 * @property {string} job the first of them
 * @property {string[]} jobs
 * @property {bigint} rows
 * @property {bigint} bytes size of the Parquet file, or of all of them
 * @property {number} [files] of a table in partitions
 * @property {bigint} downloadedBytes
 * @property {number} seconds
 * @property {string[]} notes
 */

/** @typedef {Pick<SlicedResult, 'jobs' | 'numRecords' | 'resultSize' | 'first' | 'chunks' | 'close'>} Result */

/**
 * Exports one task: a file, or a folder of files, that appears only when it is complete and its row count equals the job's.
 * @param {ExportContext} context
 * @param {ExportTask} task
 * @param {ExportOptions} options
 * @returns {Promise<ExportedTable>}
 */
export async function exportTask(context, task, options) {
  const began = performance.now();
  /** @type {Place} */
  const place = { database: task.database, table: task.table };
  const unwanted = new AbortController();
  const signal = AbortSignal.any([context.signal, unwanted.signal]);
  const parts = { ...context, signal };
  try {
    const progress = new TableProgress(parts, task);
    const exported = task.partitioning
      ? await exportPartitions(parts, task, options, progress)
      : await exportWhole(parts, task, options, progress, place);
    const { table, outputPath } = task;
    return { table, outputPath, ...exported, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    // Ranges and jobs that are still under way would keep the process, and be tried again, for nobody.
    unwanted.abort(interrupted('the table has failed'));
    throw toPetitError(error, place);
  }
}

/**
 * @param {ExportContext} context
 * @param {ExportTask} task
 * @param {ExportOptions} options
 * @param {TableProgress} progress
 * @param {Place} place gets the job, once there is one
 */
async function exportWhole(context, task, options, progress, place) {
  const { wasm, td, platform } = context;
  const { overwrite, downloadParallelism } = options;
  const { jobs, schema, ...file } = await exportFile(
    context,
    {
      open: () => platform.openSink(task.outputPath, { overwrite }),
      ask: (run) => resultOf(wasm, td, task, downloadParallelism, run),
      onResult: ({ numRecords, resultSize }, { jobId }) => {
        place.job = jobId;
        progress.expect(numRecords, resultSize);
        progress.enter('exporting');
      },
      metadata: task.metadata,
    },
    options,
    progress,
  );
  return { ...file, job: jobs[0] ?? '', jobs };
}

/**
 * A file to be written.
 * @typedef {object} FileTask
 * @property {() => Promise<import('../types.js').Sink>} open
 * @property {(run: Run) => Promise<Result>} ask what the result is, which the file shall hold
 * @property {(result: Result, job: FinishedJob) => void} onResult of the result, once its first job has ended
 * @property {[string, string][]} metadata
 */

/**
 * Writes a result into a file.
 * @param {ExportContext} context
 * @param {FileTask} file
 * @param {ExportOptions} options
 * @param {TableProgress} progress
 */
export async function exportFile(context, { open, ask, onResult, metadata }, options, progress) {
  const { wasm, pool, signal, profile } = context;
  // The file comes first: a folder that cannot be written to should not cost a job.
  const sink = await open();
  /** @type {Result | undefined} */
  let result;
  try {
    result = await ask(progress.runTelling((status) => status));
    const job = await result.first();
    onResult(result, job);
    if (job.schema === NO_COLUMNS) throw new PetitError('no_result', 'the job has no result');
    const { invalidUtf8 } = options.parquet;
    const { notes } = wasm.describeSchema(job.schema, { invalidUtf8 });
    const done = { rows: 0, downloadedBytes: 0 };
    const downloaded = meteredSource(profile?.stage('download'), result.chunks(), ({ length }) => length);
    const chunks = counted(downloaded, (bytes) => {
      done.downloadedBytes += bytes;
      progress.add({ bytes });
    });
    const onRows = (/** @type {number} */ rows) => {
      done.rows += rows;
      progress.add({ rows });
    };
    const parquet = { ...options.parquet, metadata: [...metadata, ...jobMetadata(job)] };
    const content = encodeParquet(wasm, pool, job.schema, chunks, parquet, onRows, profile);
    const writing = { sink, signal, stage: profile?.stage('write') };
    const whole = result;
    const bytes = await writeFile(content, writing, (rows) => checkRowCount(whole.numRecords, rows));
    const jobs = result.jobs.map(({ jobId }) => jobId);
    const { rows, downloadedBytes } = done;
    return {
      ...{ rows: BigInt(rows), bytes: BigInt(bytes), downloadedBytes: BigInt(downloadedBytes) },
      ...{ jobs, notes, schema: job.schema },
    };
  } catch (error) {
    await sink.writable.abort(error).catch(() => {}); // It may be closed, or have failed, already.
    await result?.close();
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
 * @param {{ sink: import('../types.js').Sink, signal: AbortSignal, stage?: import('../run/profile.js').Stage }} writing
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
 * @param {bigint | undefined} numRecords of the job, or of all slices' jobs
 * @param {number} rows
 */
function checkRowCount(numRecords, rows) {
  if (numRecords === undefined || numRecords === BigInt(rows)) return;
  throw new PetitError(
    'row_count_mismatch',
    `the job has ${rowCount(numRecords)}, but ${rows} were received`,
  );
}

/**
 * @param {import('../td/job.js').FinishedJob} job
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
