import { PetitError } from '../errors.js';
import { runQuery } from '../td/job.js';
import { concatBytes } from '../utils/concat-bytes.js';
import { wasm } from '../wasm.js';
import { download } from './download.js';

/** @import { CallContext, TdClient } from '../td/client.js' */
/** @import { FinishedJob } from '../td/job.js' */

/** Maximum bytes of a small result. The largest are counts by day, with a row for each. */
const MAX_BYTES = 2 ** 20;

/**
 * Runs a query whose result is one row of one integer.
 * @param {TdClient} td
 * @param {string} database
 * @param {string} sql
 * @param {CallContext} calls
 * @returns {Promise<bigint>}
 */
export async function countRows(td, database, sql, calls) {
  return wasm.readCount(await fetchSmallResult(td, database, sql, calls));
}

/**
 * Runs a query with a small result and returns the result as it is stored, in gzip.
 * @param {TdClient} td
 * @param {string} database
 * @param {string} sql
 * @param {CallContext} calls
 * @returns {Promise<Uint8Array>}
 */
export async function fetchSmallResult(td, database, sql, calls) {
  return downloadSmallResult(td, await runQuery(td, { database, sql }, calls), calls);
}

/**
 * The small result of a finished job, as it is stored, in gzip.
 * @param {TdClient} td
 * @param {FinishedJob} job
 * @param {CallContext} calls
 * @returns {Promise<Uint8Array>}
 */
export async function downloadSmallResult(td, job, calls) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of download(td, job, { ranges: 1, calls })) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      throw new PetitError('unexpected_reply', 'the result of a count exceeds 1 MiB', { job: job.jobId });
    }
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}
