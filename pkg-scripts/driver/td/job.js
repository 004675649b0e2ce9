import { errorCode, toPetitError } from '../errors.js';
import { sleep } from '../utils/sleep.js';
import { wasm } from '../wasm.js';

/** @import { IssueJob } from '../../core.js' */
/** @import { CallContext, TdClient } from './client.js' */

/** How long killing an abandoned job may take, in milliseconds. */
const KILL_TIMEOUT_MS = 10_000;

/**
 * A finished job whose result can be fetched.
 * @typedef {object} FinishedJob
 * @property {string} jobId
 * @property {string} database
 * @property {string} schema its `hive_result_schema`
 * @property {bigint} [numRecords] rows of its result
 * @property {bigint} [resultSize] bytes of its stored result
 * @property {string} [linkedExportJob] the job that writes its rows to their output, if that is another job
 *
 * @typedef {object} Query
 * @property {string} database
 * @property {string} sql Trino SQL
 * @property {string} [domainKey] the key under which TD accepts it once; default: a random key
 * @property {Output} [output] where TD itself adds the rows
 * @property {boolean} [writes] whether it adds rows to a table: when it is abandoned, petit then waits until it has ended
 *
 * @typedef {{ td: TdClient, database: string, table: string }} Output a table of an account
 */

/**
 * Runs a query and waits for its end, and for the job that writes its rows to their output, if that is another job. An
 * abort kills both. TD is asked never to retry the query by itself, because it may be one that writes.
 * @param {TdClient} td
 * @param {Query} query
 * @param {CallContext} context
 * @returns {Promise<FinishedJob>}
 */
export async function runQuery(td, query, context) {
  const { database, sql, output, writes = false, domainKey = `petit-${crypto.randomUUID()}` } = query;
  try {
    /** @type {IssueJob} */
    const request = { engine: 'presto', database, query: sql, domainKey, retryLimit: 0 };
    const jobId = await issue(td, { call: 'issue_job', ...request }, output, context);
    const job = await waitForJob(td, jobId, context);
    if (job.linkedExportJob) await waitForJob(td, job.linkedExportJob, context);
    return job;
  } catch (error) {
    if (context.signal?.aborted) await kill(td, domainKey, writes);
    throw output ? output.td.withoutKey(error) : error;
  }
}

/**
 * Issues a job once. A conflict means that an earlier attempt, whose reply was lost, has issued it.
 * @param {TdClient} td
 * @param {{ call: 'issue_job' } & IssueJob} call
 * @param {Output | undefined} output
 * @param {CallContext} context
 * @returns {Promise<string>} the job's id
 */
async function issue(td, call, output, context) {
  try {
    const issued = await (output ? td.callWithOutput(call, output, context) : td.call(call, context));
    return issued.jobId;
  } catch (error) {
    if (errorCode(error) !== 'conflict') throw error;
    const { domainKey } = call;
    return (await td.call({ call: 'job_status_by_domain_key', domainKey }, context)).jobId;
  }
}

/**
 * Waits until a job has succeeded. Throws TD's own error if it ended otherwise.
 * @param {TdClient} td
 * @param {string} jobId
 * @param {CallContext} context
 * @returns {Promise<FinishedJob>}
 */
export async function waitForJob(td, jobId, context) {
  try {
    await pollUntilEnded(td, jobId, context);
    const job = await td.call({ call: 'show_job', jobId }, context);
    wasm.checkJobSucceeded(job, context.showValues ?? false);
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
 * @param {TdClient} td
 * @param {string} jobId
 * @param {CallContext} context
 */
async function pollUntilEnded(td, jobId, context) {
  const { clock } = td;
  const began = clock.nowMs();
  for (;;) {
    const status = await td.call({ call: 'job_status', jobId }, context);
    const elapsedMs = clock.nowMs() - began;
    context.onPoll?.({ jobId, status: status.status }, elapsedMs);
    if (wasm.hasJobEnded(status)) return;
    await sleep(wasm.pollDelayMs(elapsedMs), context.signal, clock);
  }
}

/**
 * Kills an abandoned job, found by its domain key: the abort may have come before TD returned the job's id, or before the
 * job existed. Ignores errors, because the caller already has one to throw.
 * @param {TdClient} td
 * @param {string} domainKey
 * @param {boolean} writes
 */
async function kill(td, domainKey, writes) {
  const context = { signal: td.clock.timeout(KILL_TIMEOUT_MS) };
  try {
    const { jobId } = await td.call({ call: 'job_status_by_domain_key', domainKey }, context);
    await td.call({ call: 'kill_job', jobId }, context);
    if (!writes) return;
    // A killed job starts no linked job any more, so that this one call finds it.
    const { linkedExportJob } = await td.call({ call: 'show_job', jobId }, context);
    if (linkedExportJob) await td.call({ call: 'kill_job', jobId: linkedExportJob }, context);
    const jobs = [jobId, linkedExportJob].filter((id) => id !== undefined && id !== null);
    await Promise.allSettled(jobs.map((id) => waitForJob(td, id, context)));
  } catch {
    // The job ends by itself.
  }
}
