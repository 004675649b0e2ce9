import { PetitError } from '../errors.js';
import { download } from '../result/download.js';
import { runQuery } from './job.js';

/** @import { Run, TreasureData } from './client.js' */
/** @import { Wasm } from '../wasm.js' */

/** Bytes of the result of a count at most; by day, it has a row for each. */
const MOST_SMALL_BYTES = 2 ** 20;

/** Errors after which a request may have been carried out nevertheless. */
const DOUBTFUL = new Set(['network', 'server_error', 'conflict', 'too_many_requests']);

/** How often something is created that turns out to be there. */
const CREATE_TRIES = 5;

/**
 * Whether only a look can tell if the request that failed so was carried out.
 * @param {unknown} error
 */
export function isDoubtful(error) {
  return DOUBTFUL.has(/** @type {any} */ (error).code);
}

/**
 * Does what may have been done already, by an earlier run or by a call whose answer was lost.
 * @param {string} code of the error that says so
 * @param {() => Promise<unknown>} work
 */
export async function unless(code, work) {
  try {
    await work();
  } catch (error) {
    if (/** @type {any} */ (error).code !== code) throw error;
  }
}

/**
 * Creates what only this run has the name of. Whatever is there under it comes of a try whose answer was lost, and is in
 * the way.
 * @param {() => Promise<unknown>} create
 * @param {() => Promise<unknown>} remove
 */
export async function createAnew(create, remove) {
  for (let tries = 1; ; tries += 1) {
    try {
      await create();
      return;
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'conflict' || tries === CREATE_TRIES) throw error;
      await unless('not_found', remove);
    }
  }
}

/**
 * Deletes a bulk import session that nobody needs any more, and the job that performs it.
 * @param {TreasureData} td
 * @param {string} session
 * @param {Run} run
 */
export async function removeSession(td, session, run) {
  await unless('not_found', async () => {
    const { status, jobId } = await td.call({ call: 'show_session', session }, run);
    if (status === 'performing' && jobId) await td.call({ call: 'kill_job', jobId }, run);
    await td.call({ call: 'delete_session', session }, run);
  });
}

/**
 * What a query of one row and one whole number answers.
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {string} database
 * @param {string} sql
 * @param {Run} run
 * @returns {Promise<bigint>}
 */
export async function countRows(wasm, td, database, sql, run) {
  return wasm.readCount(await smallResult(wasm, td, database, sql, run));
}

/**
 * The whole result of a query that has a small one, as it is stored.
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {string} database
 * @param {string} sql
 * @param {Run} run
 * @returns {Promise<Uint8Array>}
 */
export async function smallResult(wasm, td, database, sql, run) {
  const job = await runQuery(wasm, td, { database, sql }, run);
  const chunks = [];
  let bytes = 0;
  for await (const chunk of download(td, job, { parallelism: 1, run })) {
    bytes += chunk.length;
    if (bytes > MOST_SMALL_BYTES) {
      throw new PetitError('unexpected_reply', 'a count whose result has no end', { job: job.jobId });
    }
    chunks.push(chunk);
  }
  return concatenated(chunks);
}

/**
 * @param {Uint8Array[]} chunks
 * @returns {Uint8Array}
 */
export function concatenated(chunks) {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
