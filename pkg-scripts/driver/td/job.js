import { toPetitError } from '../errors.js';
import { sleep } from '../utils/sleep.js';

/** @import { Run, TreasureData } from './client.js' */
/** @import { Wasm } from '../wasm.js' */

/** How long a job that nobody waits for any more may take to be killed, in milliseconds. */
const KILL_TIMEOUT_MS = 10_000;

/**
 * A finished job whose result can be fetched.
 * @typedef {object} FinishedJob
 * @property {string} jobId
 * @property {string} database
 * @property {string} schema its `hive_result_schema`
 * @property {bigint} [numRecords] rows in its result
 * @property {bigint} [resultSize] bytes of its stored result
 * @property {string} [linkedExportJob] the job that brings its rows to their output, if that is another
 *
 * @typedef {object} Query
 * @property {string} database
 * @property {string} sql
 * @property {string} [domainKey] what makes it one job however often it is asked for; else one is made up
 * @property {Output} [output] where TD itself adds the rows
 * @property {boolean} [writes] whether it adds rows to a table: then it has ended when nobody waits for it any more
 *
 * @typedef {{ td: TreasureData, database: string, table: string }} Output a table of an account
 */

/**
 * Runs a query to its end, and the job that brings its rows to their output, if that is another. When the wait ends
 * otherwise, they are killed. TD never runs a query again by itself: it may be one that writes.
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {Query} query
 * @param {Run} run
 * @returns {Promise<FinishedJob>}
 */
export async function runQuery(wasm, td, query, run) {
  const { database, sql, output, writes = false, domainKey = `petit-${crypto.randomUUID()}` } = query;
  try {
    const order = { call: 'issue_job', engine: 'presto', database, query: sql, domainKey, retryLimit: 0 };
    const jobId = await issue(td, order, output, run);
    const job = await waitForJob(wasm, td, jobId, run);
    if (job.linkedExportJob) await waitForJob(wasm, td, job.linkedExportJob, run);
    return job;
  } catch (error) {
    if (run.signal?.aborted) await kill(wasm, td, domainKey, writes);
    throw output ? output.td.withoutKey(error) : error;
  }
}

/**
 * Starts a job, once: that its domain key is taken says that an earlier try, whose answer was lost, has started it.
 * @param {TreasureData} td
 * @param {{ call: string, domainKey: string } & Record<string, unknown>} order
 * @param {Output | undefined} output
 * @param {Run} run
 * @returns {Promise<string>} the job's id
 */
async function issue(td, order, output, run) {
  try {
    const issued = await (output ? td.callWithOutput(order, output, run) : td.call(order, run));
    return issued.jobId;
  } catch (error) {
    if (/** @type {any} */ (error).code !== 'conflict') throw error;
    const { domainKey } = order;
    return (await td.call({ call: 'job_status_by_domain_key', domainKey }, run)).jobId;
  }
}

/**
 * Waits until a job has ended well; throws what TD says about it when it ended otherwise.
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {string} jobId
 * @param {Run} run
 * @returns {Promise<FinishedJob>}
 */
export async function waitForJob(wasm, td, jobId, run) {
  const began = performance.now();
  try {
    for (;;) {
      const status = await td.call({ call: 'job_status', jobId }, run);
      const elapsedMs = performance.now() - began;
      run.onLook?.({ jobId, status: status.status }, elapsedMs);
      if (wasm.hasJobEnded(status)) break;
      await sleep(wasm.pollDelayMs(elapsedMs), run.signal);
    }
    const job = await td.call({ call: 'show_job', jobId }, run);
    wasm.checkJobSucceeded(job);
    return {
      jobId,
      database: job.database ?? '',
      schema: job.hiveResultSchema ?? '[]',
      numRecords: job.numRecords ?? undefined,
      resultSize: job.resultSize ?? undefined,
      linkedExportJob: job.linkedExportJob ?? undefined,
    };
  } catch (error) {
    throw toPetitError(error, { job: jobId });
  }
}

/**
 * Stops a job that nobody waits for any more. It is known by its key: the run may have ended before TD told its id, or
 * before there was a job at all. The run is ending for another reason, so that trouble here is not told.
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {string} domainKey
 * @param {boolean} writes
 */
async function kill(wasm, td, domainKey, writes) {
  const run = { signal: AbortSignal.timeout(KILL_TIMEOUT_MS) };
  try {
    const { jobId } = await td.call({ call: 'job_status_by_domain_key', domainKey }, run);
    await td.call({ call: 'kill_job', jobId }, run);
    if (!writes) return;
    // What a killed job starts it has started by now.
    const { linkedExportJob } = await td.call({ call: 'show_job', jobId }, run);
    if (linkedExportJob) await td.call({ call: 'kill_job', jobId: linkedExportJob }, run);
    await Promise.allSettled(
      [jobId, linkedExportJob].flatMap((id) => (id ? [waitForJob(wasm, td, id, run)] : [])),
    );
  } catch {
    // The job ends by itself; there is nobody left to tell.
  }
}
