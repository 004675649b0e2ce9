import { PetitError } from '../errors.js';
import { SlicedResult, slicesOf } from '../result/job-result.js';
import { countRows } from '../td/idempotent.js';
import { loadRows } from './bulk-import.js';
import { checkSourceCount, identityOf, moveRows } from './server-side.js';

/** @import { CloneContext, CloneOptions, Planned } from './table.js' */
/** @import { Slice } from '../result/job-result.js' */
/** @import { TableProgress } from '../run/progress.js' */

/**
 * What moving a table's rows into its staging table came to.
 * @typedef {object} Moved
 * @property {bigint} rows
 * @property {bigint} bytes of the parts that were uploaded
 * @property {number} parts
 * @property {bigint} downloadedBytes
 * @property {string[]} jobs that read the source
 */

/**
 * Moves a table's rows into its staging table, by petit or by TD as planned, in slices if the table is large.
 * @param {CloneContext} context
 * @param {Planned} planned
 * @param {CloneOptions} options
 * @param {TableProgress} progress
 * @returns {Promise<Moved>}
 */
export async function moveTable(context, planned, options, progress) {
  const { wasm, source, sourceDatabase } = context;
  const slices = await slicesOf(wasm, source, sourceDatabase, planned.copy, progress.run);
  const move = planned.copy.method === 'fetch' ? fetchRows : moveByEngine;
  return move(context, planned, slices, options, progress);
}

/**
 * petit fetches the rows and loads them.
 * @param {CloneContext} context
 * @param {Planned} planned
 * @param {Slice[]} slices
 * @param {CloneOptions} options
 * @param {TableProgress} progress
 */
async function fetchRows(context, { copy, bytes }, slices, options, progress) {
  const { wasm, source: td, sourceDatabase: database } = context;
  const parallelism = options.downloadParallelism;
  const result = new SlicedResult(
    { wasm, td, database, slices, parallelism, bytes },
    runOf(slices, progress),
  );
  try {
    await result.first();
    progress.expect(result.numRecords, result.resultSize);
    const loaded = await loadRows(context, result, copy, options, {
      run: progress.run,
      enter: (phase) => progress.enter(phase),
      onBytes: (more) => progress.add({ bytes: more }),
      onRows: (more) => progress.add({ rows: more }),
    });
    const jobs = result.jobs.map(({ jobId }) => jobId);
    return { ...loaded, downloadedBytes: progress.done.bytes, jobs };
  } finally {
    await result.close();
  }
}

/**
 * TD moves the rows; petit compares what both sides count.
 * @param {CloneContext} context
 * @param {Planned} planned
 * @param {Slice[]} slices
 * @param {CloneOptions} options
 * @param {TableProgress} progress
 */
async function moveByEngine(context, { copy }, slices, options, progress) {
  const { run } = progress;
  const { wasm, source, sourceDatabase } = context;
  const isCounted = options.verify !== 'none';
  const count = () => countRows(wasm, source, sourceDatabase, copy.sourceCountSql, run);
  const sliced = slices.reduce((/** @type {bigint | undefined} */ sum, { rows }) => {
    return sum === undefined || rows === undefined ? undefined : sum + rows;
  }, 0n);
  const before = sliced ?? (isCounted ? await count() : undefined);
  progress.expect(before);
  const tellSlices = (/** @type {number} */ done) => {
    if (slices.length > 1) progress.enter(`slice ${done} of ${slices.length} done`);
  };
  tellSlices(0);
  const identity = () => (copy.method === 'output' ? identityOf(context, copy, run) : undefined);
  const created = await identity();
  const { rows, jobs } = await moveRows(context, copy, slices, options.downloadParallelism, {
    run: runOf(slices, progress),
    mayRepeat: isCounted,
    onSlice: (more, done) => {
      progress.add({ rows: more });
      tellSlices(done);
    },
  });
  if ((await identity()) !== created) {
    throw new PetitError('staging_lost', 'the table that TD was to bring its rows to has gone meanwhile');
  }
  if (isCounted && before !== undefined) {
    progress.enter('verifying');
    checkSourceCount(before, await count(), rows);
  }
  return { rows, bytes: 0n, parts: 0, downloadedBytes: 0n, jobs };
}

/**
 * What goes with the jobs that move the rows: a single one tells its states as well.
 * @param {Slice[]} slices
 * @param {TableProgress} progress
 */
const runOf = (slices, progress) =>
  slices.length > 1 ? progress.run : progress.runTelling((status) => `source job ${status}`);
