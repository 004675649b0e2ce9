import { PetitError, toPetitError } from '../errors.js';
import { download } from '../result/download.js';
import { fetchSmallResult } from '../result/query.js';
import { splitRows } from '../result/split-rows.js';
import { DEFAULTS } from '../run/options.js';
import { runQuery } from '../td/job.js';
import { wasm } from '../wasm.js';
import { openMask } from '../workers/mask.js';

/** @import { SideQueries, SplitOptions } from '../../core.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */
/** @import { Mask } from '../workers/mask.js' */
/** @import { FinishedJob } from '../td/job.js' */

/** Rows and bytes that are digested at a time.
 * @type {SplitOptions} */
const BOUNDS = { batchRows: 100_000, batchBytes: 4 * 2 ** 20, groupRows: 2 ** 31, groupBytes: 2 ** 31 };

/**
 * One of the two tables.
 * @typedef {object} Side
 * @property {TdClient} td
 * @property {string} database
 * @property {SideQueries} queries
 * @property {Mask} [mask] of the rows, if those of the other side are masked
 */

/**
 * @typedef {object} Compared
 * @property {bigint} sourceRows
 * @property {bigint} destinationRows
 * @property {string[]} differences empty if both have the same rows
 * @property {'count' | 'server' | 'stream'} method that was used
 */

/**
 * Compares two tables. `count` compares their row counts. The other methods compare the contents, if both tables have the
 * same columns: `server` by checksums that both sides compute, `stream` by reading every row, `auto` by checksums unless
 * the SQL of a side fails. Masked rows are always read, because no SQL has the secret.
 *
 * @param {Side} source
 * @param {Side} destination
 * @param {'count' | 'server' | 'stream' | 'auto'} method
 * @param {CallContext} calls
 * @returns {Promise<Compared>}
 */
export async function compareTables(source, destination, method, calls) {
  if (method === 'count' || !source.queries.checksum) return compareCounts(source, destination, calls);
  if (method === 'stream' || source.mask) return compareRows(source, destination, calls);
  try {
    return await compareChecksums(source, destination, calls);
  } catch (error) {
    const isSqlError = /** @type {PetitError} */ (error).code === 'job_failed';
    if (method === 'auto' && isSqlError) return compareRows(source, destination, calls);
    throw error;
  }
}

/**
 * @param {Side} source
 * @param {Side} destination
 * @param {CallContext} calls
 * @returns {Promise<Compared>}
 */
async function compareCounts(source, destination, calls) {
  const counts = await onBothSides(source, destination, (side) => queryRow(side, side.queries.count, calls));
  return { ...rowDifference(counts.source[0], counts.destination[0]), method: 'count' };
}

/**
 * @param {Side} source
 * @param {Side} destination
 * @param {CallContext} calls
 * @returns {Promise<Compared>}
 */
async function compareChecksums(source, destination, calls) {
  const sums = await onBothSides(source, destination, (side) =>
    queryRow(side, side.queries.checksum ?? '', calls),
  );
  const compared = rowDifference(sums.source[0], sums.destination[0]);
  if (compared.differences.length === 0 && sums.source[1] !== sums.destination[1]) {
    compared.differences.push(await describeDifference(source, destination, calls));
  }
  return { ...compared, method: 'server' };
}

/**
 * Describes which columns make two checksums differ.
 * @param {Side} source
 * @param {Side} destination
 * @param {CallContext} calls
 */
async function describeDifference(source, destination, calls) {
  const sums = await onBothSides(source, destination, async (side) => {
    const values = [];
    for (const { sql } of side.queries.columns) values.push(...(await queryRow(side, sql, calls)));
    return values;
  });
  const names = source.queries.columns.flatMap(({ columns }) => columns);
  const different = names.filter((_, index) => sums.source[index] !== sums.destination[index]);
  if (different.length === 0) return 'the columns have the same values, but in different rows';
  return `the contents differ in ${different.map((name) => `"${name}"`).join(', ')}`;
}

/**
 * @param {Side} source
 * @param {Side} destination
 * @param {CallContext} calls
 * @returns {Promise<Compared>}
 */
async function compareRows(source, destination, calls) {
  const digests = await onBothSides(source, destination, (side) => digestRows(side, calls));
  const compared = rowDifference(digests.source.rows, digests.destination.rows);
  if (compared.differences.length === 0 && digests.source.text !== digests.destination.text) {
    compared.differences.push('the contents differ');
  }
  return { ...compared, method: 'stream' };
}

/**
 * Does the same on both sides at the same time.
 * @template T
 * @param {Side} source
 * @param {Side} destination
 * @param {(side: Side) => Promise<T>} work
 * @returns {Promise<{ source: T, destination: T }>}
 */
async function onBothSides(source, destination, work) {
  const onSide = async (/** @type {Side} */ side, /** @type {string} */ name) => {
    try {
      return await work(side);
    } catch (thrown) {
      const error = toPetitError(thrown, { database: side.database });
      if (error instanceof PetitError) error.message = `the ${name}: ${error.message}`;
      throw error;
    }
  };
  const [first, second] = await Promise.allSettled([
    onSide(source, 'source'),
    onSide(destination, 'destination'),
  ]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return { source: first.value, destination: second.value };
}

/**
 * @param {string | undefined} source
 * @param {string | undefined} destination
 */
function rowDifference(source, destination) {
  const [sourceRows, destinationRows] = [parseCount(source), parseCount(destination)];
  const differences =
    source === destination ? [] : [`${sourceRows} rows in the source, ${destinationRows} in the destination`];
  return { sourceRows, destinationRows, differences };
}

/** @param {string | undefined} text */
function parseCount(text) {
  if (text && /^\d+$/.test(text)) return BigInt(text);
  throw new PetitError('unexpected_reply', 'the count of the rows is not an integer');
}

/**
 * The values of a query's only row.
 * @param {Side} side
 * @param {string} sql
 * @param {CallContext} calls
 * @returns {Promise<(string | undefined)[]>}
 */
async function queryRow({ td, database }, sql, calls) {
  return wasm.readRow(await fetchSmallResult(td, database, sql, calls));
}

/**
 * Counts the rows of a table, and digests them independently of their order.
 * @param {Side} side
 * @param {CallContext} calls
 */
async function digestRows({ td, database, queries, mask }, calls) {
  const job = await runQuery(td, { database, sql: queries.rows ?? '' }, calls);
  const digest = new wasm.Digest();
  const masker = openMask(mask, 0);
  try {
    const chunks = download(td, job, { ranges: DEFAULTS.downloadParallelism, calls });
    for await (const { batches } of splitRows(chunks, BOUNDS, () => job.numRecords)) {
      for (const rows of batches) digest.push(masker.apply(rows));
    }
    checkReceived(job, digest.rows);
    return { rows: String(digest.rows), text: digest.text };
  } finally {
    digest.free();
    masker.free();
  }
}

/**
 * @param {FinishedJob} job
 * @param {bigint} rows that were received
 */
function checkReceived({ jobId, numRecords }, rows) {
  if (numRecords === undefined || numRecords === rows) return;
  const message = `the job has ${numRecords} rows, but ${rows} were received`;
  throw new PetitError('row_count_mismatch', message, { job: jobId });
}
