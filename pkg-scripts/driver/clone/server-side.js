import pLimit from 'p-limit';
import { interrupted, PetitError } from '../errors.js';
import { mayRepeat as isRepeatable, SLICE_TRIES } from '../result/job-result.js';
import { countRows } from '../td/idempotent.js';
import { runQuery } from '../td/job.js';

/** @import { CloneContext, CopyTask } from './table.js' */
/** @import { Slice } from '../result/job-result.js' */
/** @import { Run } from '../td/client.js' */

/**
 * What is told while TD moves rows.
 * @typedef {object} MoveListener
 * @property {Run} run
 * @property {boolean} mayRepeat whether a slice whose job failed may be run again: its rows are counted in the end
 * @property {(rows: bigint, done: number) => void} onSlice of each slice that is done: its rows, and how many are done
 */

/**
 * Has TD write a table's rows into its staging table, by one job for each slice. A job is asked for by a key of its own,
 * so that a lost answer makes no second one. A slice whose job fails is repeated alone if it has written nothing; if it
 * has, or other slices fail for good, nothing more is run and the staging table has to go.
 *
 * @param {CloneContext} context
 * @param {CopyTask} copy
 * @param {Slice[]} slices
 * @param {number} parallelism jobs at a time
 * @param {MoveListener} listener
 * @returns {Promise<{ rows: bigint, jobs: string[] }>}
 */
export async function moveRows(context, copy, slices, parallelism, { run, mayRepeat, onSlice }) {
  const unwanted = new AbortController();
  const signal = AbortSignal.any([context.signal, unwanted.signal]);
  const limit = pLimit(parallelism);
  const moved = { rows: 0n, done: 0 };
  const one = async (/** @type {Slice} */ slice, /** @type {number} */ index) => {
    signal.throwIfAborted();
    try {
      const { rows, job } = await moveSlice(
        context,
        copy,
        { slice, index, tries: mayRepeat && slices.length > 1 ? SLICE_TRIES : 1 },
        { ...run, signal },
      );
      moved.rows += rows;
      moved.done += 1;
      onSlice(rows, moved.done);
      return job;
    } catch (error) {
      unwanted.abort(interrupted('the table has failed'));
      throw error;
    }
  };
  const runs = await Promise.allSettled(slices.map((slice, index) => limit(one, slice, index)));
  context.signal.throwIfAborted();
  const failed = runs.flatMap((ended) => (ended.status === 'rejected' ? [ended.reason] : []));
  if (failed.length > 0) throw failed.find(({ name }) => name !== 'AbortError') ?? failed[0];
  return { rows: moved.rows, jobs: runs.map((ended) => /** @type {any} */ (ended).value) };
}

/**
 * @param {CloneContext} context
 * @param {CopyTask} copy
 * @param {{ slice: Slice, index: number, tries: number }} which
 * @param {Run} run
 * @returns {Promise<{ rows: bigint, job: string }>}
 */
async function moveSlice(context, copy, { slice, index, tries }, run) {
  const { wasm, destination, destinationDatabase, runId } = context;
  for (let attempt = 0; ; attempt += 1) {
    const domainKey = wasm.domainKey(runId, copy.stagingTable, index, attempt);
    try {
      return await runSlice(context, copy, slice, domainKey, run);
    } catch (error) {
      if (attempt + 1 === tries || !isRepeatable(error)) throw error;
      const counted = await countRows(
        wasm,
        destination,
        destinationDatabase,
        slice.countSql ?? copy.countSql,
        run,
      );
      if (counted > 0n) throw halfWritten(error, counted);
    }
  }
}

/**
 * @param {CloneContext} context
 * @param {CopyTask} copy
 * @param {Slice} slice
 * @param {string} domainKey
 * @param {Run} run
 */
async function runSlice(context, copy, { sql, countSql }, domainKey, run) {
  const { wasm, source, destination, sourceDatabase, destinationDatabase: database } = context;
  const query = { sql, domainKey, writes: true };
  const isInsert = copy.method === 'insert';
  const output = { td: destination, database, table: copy.stagingTable };
  const { jobId, numRecords } = isInsert
    ? await runQuery(wasm, destination, { ...query, database }, run)
    : await runQuery(wasm, source, { ...query, database: sourceDatabase, output }, run);
  const told = isInsert
    ? (await destination.call({ call: 'job_statistics', jobId }, run)).recordsInserted
    : numRecords;
  const rows = told ?? (await countRows(wasm, destination, database, countSql ?? copy.countSql, run));
  return { rows, job: jobId };
}

/**
 * What tells a staging table from one of the same name. TD makes a table that is missing when it brings rows there: without
 * the source's settings, so that such a one must not be published.
 * @param {CloneContext} context
 * @param {CopyTask} copy
 * @param {Run} run
 * @returns {Promise<string | undefined>}
 */
export async function identityOf({ destination, destinationDatabase: database }, copy, run) {
  return (await destination.call({ call: 'show_table', database, table: copy.stagingTable }, run)).id;
}

/**
 * @param {unknown} cause
 * @param {bigint} rows
 */
function halfWritten(cause, rows) {
  const { message, job } = /** @type {PetitError} */ (cause);
  return new PetitError('half_written', `${message}; but ${rows} of its rows are in the staging table`, {
    cause,
    job,
  });
}

/**
 * The source is what it was, or has moved on while its rows were: as many were written as it had before or after, or some
 * number between.
 * @param {bigint} before
 * @param {bigint} after
 * @param {bigint} written
 */
export function checkSourceCount(before, after, written) {
  const [least, most] = before < after ? [before, after] : [after, before];
  if (least <= written && written <= most) return;
  const counted = before === after ? `${before} rows` : `${before} rows before and ${after} after`;
  throw new PetitError('verification_failed', `the source counts ${counted}, but ${written} were written`);
}
