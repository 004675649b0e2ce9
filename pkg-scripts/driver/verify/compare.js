import { PetitError, toPetitError } from '../errors.js';
import { download } from '../result/download.js';
import { rowGroups } from '../result/split-rows.js';
import { concatenated } from '../td/idempotent.js';
import { runQuery } from '../td/job.js';

/** @import { FinishedJob } from '../td/job.js' */
/** @import { Run, TreasureData } from '../td/client.js' */
/** @import { Wasm } from '../wasm.js' */

/** Most bytes and rows that are looked at a time. */
const STEP = { stepRows: 100_000, stepBytes: 4 * 2 ** 20, groupRows: 2 ** 31, groupBytes: 2 ** 31 };
/** Ranges of a result that are downloaded at a time. */
const DOWNLOADS = 4;

/**
 * The queries about one side's table: see the planner.
 * @typedef {object} SideQueries
 * @property {string} count
 * @property {string} [checksum]
 * @property {{ columns: string[], sql: string }[]} columns
 * @property {string} [rows]
 */

/**
 * One of the two tables.
 * @typedef {object} Side
 * @property {TreasureData} td
 * @property {string} database
 * @property {SideQueries} queries
 */

/**
 * What was found.
 * @typedef {object} Compared
 * @property {bigint} sourceRows
 * @property {bigint} destinationRows
 * @property {string[]} differences none when both hold the same
 * @property {'count' | 'server' | 'stream'} method by which
 */

/**
 * Compares two tables that have the same columns, if `method` is more than `count`; else their rows are counted.
 *
 * `server`: both sides compute a checksum over their rows. `stream`: every row is read. `auto`: the first, or the second
 * where a side's SQL cannot.
 *
 * @param {Wasm} wasm
 * @param {Side} source
 * @param {Side} destination
 * @param {'count' | 'server' | 'stream' | 'auto'} method
 * @param {Run} run
 * @returns {Promise<Compared>}
 */
export async function compareTables(wasm, source, destination, method, run) {
  if (method === 'count' || !source.queries.checksum) return byCount(wasm, source, destination, run);
  if (method === 'stream') return byRows(wasm, source, destination, run);
  try {
    return await byChecksum(wasm, source, destination, run);
  } catch (error) {
    const isSql = /** @type {PetitError} */ (error).code === 'job_failed';
    if (method === 'auto' && isSql) return byRows(wasm, source, destination, run);
    throw error;
  }
}

/**
 * @param {Wasm} wasm
 * @param {Side} source
 * @param {Side} destination
 * @param {Run} run
 * @returns {Promise<Compared>}
 */
async function byCount(wasm, source, destination, run) {
  const [here, there] = await both(source, destination, (side) =>
    valuesOf(wasm, side, side.queries.count, run),
  );
  return { ...rowsOf(here[0], there[0]), method: 'count' };
}

/**
 * @param {Wasm} wasm
 * @param {Side} source
 * @param {Side} destination
 * @param {Run} run
 * @returns {Promise<Compared>}
 */
async function byChecksum(wasm, source, destination, run) {
  const [here, there] = await both(source, destination, (side) =>
    valuesOf(wasm, side, side.queries.checksum ?? '', run),
  );
  const compared = rowsOf(here[0], there[0]);
  if (compared.differences.length === 0 && here[1] !== there[1]) {
    compared.differences.push(await differentColumns(wasm, source, destination, run));
  }
  return { ...compared, method: 'server' };
}

/**
 * Which columns make two checksums differ, in words.
 * @param {Wasm} wasm
 * @param {Side} source
 * @param {Side} destination
 * @param {Run} run
 */
async function differentColumns(wasm, source, destination, run) {
  const sums = await both(source, destination, async (side) => {
    const answers = [];
    for (const { sql } of side.queries.columns) answers.push(...(await valuesOf(wasm, side, sql, run)));
    return answers;
  });
  const names = source.queries.columns.flatMap(({ columns }) => columns);
  const differ = names.filter((_, at) => sums[0][at] !== sums[1][at]);
  if (differ.length === 0) return 'the columns hold the same values, but in other rows';
  return `the contents differ in ${differ.map((name) => `"${name}"`).join(', ')}`;
}

/**
 * @param {Wasm} wasm
 * @param {Side} source
 * @param {Side} destination
 * @param {Run} run
 * @returns {Promise<Compared>}
 */
async function byRows(wasm, source, destination, run) {
  const [here, there] = await both(source, destination, (side) => digestOf(wasm, side, run));
  const compared = rowsOf(here.rows, there.rows);
  if (compared.differences.length === 0 && here.text !== there.text) {
    compared.differences.push('the contents differ');
  }
  return { ...compared, method: 'stream' };
}

/**
 * Does the same on both sides at a time.
 * @template T
 * @param {Side} source
 * @param {Side} destination
 * @param {(side: Side) => Promise<T>} work
 * @returns {Promise<[T, T]>}
 */
async function both(source, destination, work) {
  const one = async (/** @type {Side} */ side, /** @type {string} */ name) => {
    try {
      return await work(side);
    } catch (thrown) {
      const error = toPetitError(thrown, { database: side.database });
      if (error instanceof PetitError) error.message = `the ${name}: ${error.message}`;
      throw error;
    }
  };
  const [here, there] = await Promise.allSettled([one(source, 'source'), one(destination, 'destination')]);
  if (here.status === 'rejected') throw here.reason;
  if (there.status === 'rejected') throw there.reason;
  return [here.value, there.value];
}

/**
 * @param {string | null | undefined} source
 * @param {string | null | undefined} destination
 */
function rowsOf(source, destination) {
  const [sourceRows, destinationRows] = [countOf(source), countOf(destination)];
  const differences =
    source === destination ? [] : [`${sourceRows} rows in the source, ${destinationRows} in the destination`];
  return { sourceRows, destinationRows, differences };
}

/**
 * A count as SQL answers it.
 * @param {string | null | undefined} text
 */
function countOf(text) {
  if (text && /^\d+$/.test(text)) return BigInt(text);
  throw new PetitError('unexpected_reply', `the rows are counted, but the answer is ${text ?? 'nothing'}`);
}

/**
 * The values of a query's only row.
 * @param {Wasm} wasm
 * @param {Side} side
 * @param {string} sql
 * @param {Run} run
 * @returns {Promise<(string | null)[]>}
 */
async function valuesOf(wasm, { td, database }, sql, run) {
  const job = await runQuery(wasm, td, { database, sql }, run);
  const chunks = [];
  for await (const chunk of download(td, job, { parallelism: 1, run })) chunks.push(chunk);
  return wasm.readRow(concatenated(chunks));
}

/**
 * How many rows a table has, and a checksum of them that does not depend on their order.
 * @param {Wasm} wasm
 * @param {Side} side
 * @param {Run} run
 */
async function digestOf(wasm, { td, database, queries }, run) {
  const job = await runQuery(wasm, td, { database, sql: queries.rows ?? '' }, run);
  const digest = new wasm.Digest();
  try {
    const chunks = download(td, job, { parallelism: DOWNLOADS, run });
    for await (const { steps } of rowGroups(wasm, chunks, STEP)) {
      for (const rows of steps) digest.push(rows);
    }
    checkRows(job, digest.rows);
    return { rows: String(digest.rows), text: digest.text };
  } finally {
    digest.free();
  }
}

/**
 * @param {FinishedJob} job
 * @param {bigint} rows that were read
 */
function checkRows({ jobId, numRecords }, rows) {
  if (numRecords === undefined || numRecords === rows) return;
  const message = `the job has ${numRecords} rows, but ${rows} were received`;
  throw new PetitError('row_count_mismatch', message, { job: jobId });
}
