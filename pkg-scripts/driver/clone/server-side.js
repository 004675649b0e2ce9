import { errorCode, PetitError } from '../errors.js';
import { countRows } from '../result/query.js';
import { withStatusUpdates } from '../run/progress.js';
import { withSignal } from '../run/run.js';
import { runQuery } from '../td/job.js';
import { mapOrAbort } from '../utils/map-or-abort.js';
import { wasm } from '../wasm.js';

/** @import { CopyJobKind, CopyProgress } from '../../core.js' */
/** @import { CopyTask } from '../../types.js' */
/** @import { Slice } from '../result/job-result.js' */
/** @import { CloneTask, CopiedRows, TableRun } from './table.js' */

/**
 * Copies a table's rows by TD jobs that write into the staging table, and compares the rows written with the source's
 * count.
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {Slice[]} slices
 * @returns {Promise<CopiedRows>}
 */
export async function copyServerSide(run, { copy }, slices) {
  const { source, sourceDatabase, progress, calls } = run;
  const isVerified = run.verify !== 'none';
  const countSource = () => countRows(source, sourceDatabase, copy.sourceCountSql, calls);
  const before = sumRows(slices) ?? (isVerified ? await countSource() : undefined);
  progress.setTotals(before);
  const staging = await stagingIdentity(run, copy);
  const { rows, jobs } = await copyRows(run, copy, slices);
  if ((await stagingIdentity(run, copy)) !== staging) {
    throw new PetitError('staging_lost', 'the staging table was removed while TD copied the rows');
  }
  if (isVerified && before !== undefined) {
    progress.setPhase('verifying');
    checkSourceCount(before, await countSource(), rows);
  }
  return { rows, bytes: 0n, parts: 0, downloadedBytes: 0n, jobs };
}

/**
 * @param {Slice[]} slices
 * @returns {bigint | undefined} undefined if a slice has no estimate
 */
function sumRows(slices) {
  return slices.reduce((/** @type {bigint | undefined} */ sum, { rows }) => {
    return sum === undefined || rows === undefined ? undefined : sum + rows;
  }, 0n);
}

/**
 * The id of the staging table that a job of the source writes into. TD creates a missing table, without the source's
 * settings: such a table must not be published.
 * @param {TableRun} run
 * @param {CopyTask} copy
 * @returns {Promise<string | undefined>} undefined for other jobs, which fail if the table is missing
 */
async function stagingIdentity({ destination, destinationDatabase: database, calls }, copy) {
  if (copy.method !== 'result-output') return undefined;
  return (await destination.call({ call: 'show_table', database, table: copy.stagingTable }, calls)).id;
}

/**
 * Runs one job for each slice, some at a time. If a slice fails for good, the jobs of the others are killed.
 * @param {TableRun} run
 * @param {CopyTask} copy
 * @param {Slice[]} slices
 * @returns {Promise<{ rows: bigint, jobs: string[] }>}
 */
async function copyRows(run, copy, slices) {
  const { signal, limits, progress } = run;
  const isSliced = slices.length > 1;
  let [rows, done] = [0n, 0];
  const report = () => isSliced && progress.setPhase(`slice ${done} of ${slices.length} done`);
  report();
  // Only a row count shows whether a failed job has written anything.
  const kind = { isSliced, writes: true, canCount: run.verify !== 'none' };
  const calls = isSliced ? run.calls : withStatusUpdates(run, (status) => `source job ${status}`);
  const options = { concurrency: limits.jobs, signal };
  const jobs = await mapOrAbort(slices, options, async (slice, index, signal) => {
    const sliceRun = withSignal({ ...run, calls }, signal);
    const copied = await copySlice(sliceRun, copy, { slice, index, kind });
    rows += copied.rows;
    done += 1;
    progress.increment({ rows: copied.rows });
    report();
    return copied.job;
  });
  return { rows, jobs };
}

/**
 * Runs the job of a slice; again, if it failed and the core says so. Each attempt has a domain key of its own, so that a
 * lost reply does not start a second job.
 * @param {TableRun} run
 * @param {CopyTask} copy
 * @param {{ slice: Slice, index: number, kind: CopyJobKind }} work
 * @returns {Promise<{ rows: bigint, job: string }>}
 */
async function copySlice(run, copy, { slice, index, kind }) {
  /** @type {CopyProgress} */
  let progress = { jobs: 0 };
  /** @type {unknown} */
  let error;
  for (;;) {
    const next = wasm.nextCopyStep(progress, kind);
    switch (next.step) {
      case 'run':
        try {
          const domainKey = wasm.domainKey(run.id, copy.stagingTable, index, progress.jobs);
          return await runCopyJob(run, copy, slice, domainKey);
        } catch (thrown) {
          error = thrown;
          progress = { jobs: progress.jobs + 1, failure: String(errorCode(thrown)) };
        }
        break;
      case 'count':
        progress = { ...progress, written: await countWritten(run, copy, slice) };
        break;
      case 'fail_partly_written':
        throw partialWrite(error, next.rows);
      default:
        throw error;
    }
  }
}

/**
 * @param {TableRun} run
 * @param {CopyTask} copy
 * @param {Slice} slice
 * @param {string} domainKey
 */
async function runCopyJob(run, copy, slice, domainKey) {
  const { source, destination, destinationDatabase: database, calls } = run;
  const query = { sql: slice.sql, domainKey, writes: true };
  const isInsert = copy.method === 'insert-select';
  const output = { td: destination, database, table: copy.stagingTable };
  const { jobId, numRecords } = isInsert
    ? await runQuery(destination, { ...query, database }, calls)
    : await runQuery(source, { ...query, database: run.sourceDatabase, output }, calls);
  const reported = isInsert
    ? (await destination.call({ call: 'job_statistics', jobId }, calls)).recordsInserted
    : numRecords;
  return { rows: reported ?? (await countWritten(run, copy, slice)), job: jobId };
}

/**
 * @param {TableRun} run
 * @param {CopyTask} copy
 * @param {Slice} slice
 */
const countWritten = ({ destination, destinationDatabase, calls }, copy, slice) =>
  countRows(destination, destinationDatabase, slice.countSql ?? copy.countSql, calls);

/**
 * @param {unknown} cause
 * @param {bigint} rows
 */
function partialWrite(cause, rows) {
  const { message, job } = /** @type {PetitError} */ (cause);
  return new PetitError('partial_write', `${message}; ${rows} of its rows are in the staging table already`, {
    cause,
    job,
  });
}

/**
 * If the source changed during the copy, the rows written must be as many as it had before or after, or a number between.
 * @param {bigint} before
 * @param {bigint} after
 * @param {bigint} written
 */
function checkSourceCount(before, after, written) {
  const [min, max] = before < after ? [before, after] : [after, before];
  if (min <= written && written <= max) return;
  const counted = before === after ? `${before} rows` : `${before} rows before and ${after} after`;
  throw new PetitError('verification_failed', `the source has ${counted}, but ${written} were written`);
}
