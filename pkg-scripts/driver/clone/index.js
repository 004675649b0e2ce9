import pLimit from 'p-limit';
import { PetitError, toPetitError } from '../errors.js';
import { Profile } from '../run/profile.js';
import { waiting } from '../run/waiting.js';
import { destinationRefused, sourceRefused } from '../td/access-errors.js';
import { removeSession, unless } from '../td/idempotent.js';
import { runQuery, waitForJob } from '../td/job.js';
import { startPool } from '../workers/pool.js';
import { surveyClone } from './inspect.js';
import { roomForParts } from './parts.js';
import { cloneTable, createStaging } from './table.js';

/** @import { CloneContext, ClonedTable } from './table.js' */
/** @import { ClonePlan, PlannedTable } from './inspect.js' */
/** @import { Run } from '../td/client.js' */
/** @import { Account, ErrorData, OnEvent, Platform } from '../types.js' */

/** The way of the data. */
const STAGES = ['download', 'gunzip, split', 'encode', 'join', 'upload'];

/**
 * What to clone, and how.
 * @typedef {object} CloneRequest
 * @property {Account} source
 * @property {Account} destination
 * @property {string} database
 * @property {string} [newDatabase] its name in the destination, if another
 * @property {string[]} [tables] only these; all of the database when none is named
 * @property {'error' | 'skip' | 'overwrite'} [onExisting] what to do about tables that are there (`error`)
 * @property {'auto' | 'client' | 'engine'} [via] what moves the rows: petit, or jobs of TD's (`auto`: jobs within an account)
 * @property {number | bigint} [splitRows] rows from which on a table is cut into several jobs, and rows of each (large ones are)
 * @property {{ index: number, count: number }} [shard] only this share of the tables, from 1: others do the others
 * @property {number} [tableParallelism] tables at a time (2)
 * @property {number} [downloadParallelism] downloads, and uploads, at a time per table (4)
 * @property {number} [chunkSize] most rows decoded at a time (10,000)
 * @property {'count' | 'full' | 'none'} [verify] what is compared before a table is published: the rows counted at the
 *   destination (`count`), contents too, or only what TD itself says of the loading
 * @property {number} [workers] encoders in parallel (one per core); 0: in the calling thread
 * @property {number} [retryTimeoutMs] how long trouble may last (300,000)
 * @property {number} [idleTimeoutMs] how long an answer, or the next bytes of one, may take (60,000)
 * @property {boolean} [profile] tell at the end, by an event, what each stage did and waited for
 * @property {boolean} [dryRun] only make the plan: nothing is written anywhere
 * @property {Partial<Platform>} [platform] services to use instead of the platform's own
 * @property {AbortSignal} [signal] stops the run: jobs are killed, sessions and staging tables deleted
 * @property {OnEvent} [onEvent]
 */

/**
 * @typedef {object} CloneSummary
 * @property {ClonePlan} plan
 * @property {(ClonedTable & { state: string })[]} tables what was copied
 * @property {string[]} skipped
 * @property {PetitError[]} errors what failed, one for each table
 * @property {bigint} rows
 * @property {bigint} bytes uploaded
 * @property {number} seconds
 */

/**
 * Plans a clone and runs it. A table that fails does not stop the others; what failed is in the summary's `errors`.
 * @param {Platform} platform
 * @param {CloneRequest} request
 * @returns {Promise<CloneSummary>}
 */
export async function runClone(platform, request) {
  const began = performance.now();
  const { onEvent = () => {}, signal = new AbortController().signal } = request;
  const survey = await surveyClone(platform, request);
  const { module, wasm, source, destination } = survey;
  await survey.layouts;
  const plan = survey.plan(request);
  onEvent({ type: 'plan', command: 'clone-db', ...plan });
  /** @type {CloneSummary} */
  const summary = { plan, tables: [], skipped: [], errors: [], rows: 0n, bytes: 0n, seconds: 0 };
  if (request.dryRun) return summary;
  refuseErrors(plan);

  const profile = request.profile ? new Profile(STAGES) : undefined;
  const workers = request.workers ?? platform.cores;
  const pool = startPool(platform, module, workers, profile?.stage('encode'));
  const { sourceDatabase, destinationDatabase } = plan;
  const { downloadParallelism = 4 } = request;
  const partRoom = roomForParts({ downloadParallelism });
  const runId = crypto.randomUUID();
  const ends = { source, destination, sourceDatabase, destinationDatabase };
  const context = { wasm, ...ends, pool, partRoom, runId, signal, onEvent, profile };
  try {
    const run = { signal, ...waiting((message) => onEvent({ type: 'waiting', message })) };
    await prepare(context, plan, run);
    await cloneAll(context, plan, request, summary);
  } finally {
    await pool.close();
  }
  summary.seconds = (performance.now() - began) / 1000;
  const { seconds } = summary;
  if (profile) onEvent({ type: 'profile', command: 'clone-db', seconds, workers, stages: profile.toJSON() });
  onEvent({ type: 'summary', command: 'clone-db', ...report(summary) });
  return summary;
}

/**
 * The summary as plain data: for events and reports.
 * @typedef {Pick<ClonePlan, 'source' | 'destination' | 'sourceDatabase' | 'destinationDatabase'>
 *   & Omit<CloneSummary, 'plan' | 'errors'> & { errors: ErrorData[] }} CloneReport
 */

/**
 * @param {CloneSummary} summary
 * @returns {CloneReport}
 */
export function report({ plan, tables, skipped, errors, rows, bytes, seconds }) {
  const { source, destination, sourceDatabase, destinationDatabase } = plan;
  return {
    ...{ source, destination, sourceDatabase, destinationDatabase, rows, bytes, seconds, tables, skipped },
    errors: errors.map((error) => error.toJSON()),
  };
}

/** @param {ClonePlan} plan */
function refuseErrors({ tables }) {
  const wrong = tables.filter(({ action }) => action === 'error');
  const [first] = wrong;
  if (!first) return;
  const others = wrong.length > 1 ? ` (and ${wrong.length - 1} more: see --dry-run)` : '';
  throw new PetitError('plan_has_errors', `nothing was copied: ${first.problem?.message}${others}`, {
    table: first.table,
  });
}

/**
 * Shows that the source can be read and the destination written to before any data moves, and removes what earlier runs
 * left there.
 * @param {CloneContext} context
 * @param {ClonePlan} plan
 * @param {Run} run
 */
async function prepare(context, plan, run) {
  const { wasm, source, destination } = context;
  const { sourceDatabase, destinationDatabase: database, leftovers } = plan;
  await sourceRefused(() => runQuery(wasm, source, { database: sourceDatabase, sql: 'SELECT 1' }, run));
  await destinationRefused(async () => {
    if (plan.createDatabase)
      await unless('conflict', () => destination.call({ call: 'create_database', database }, run));
    for (const jobId of leftovers.jobs) await stopJob(context, jobId, run);
    for (const session of leftovers.sessions) {
      await removeSession(destination, session, run);
    }
    for (const table of leftovers.tables) {
      await unless('not_found', () => destination.call({ call: 'delete_table', database, table }, run));
    }
    const first = plan.tables.find(({ copy }) => copy)?.copy;
    if (!first) return;
    await createStaging(context, first, run);
    const made = { call: 'delete_table', database, table: first.stagingTable };
    await unless('not_found', () => destination.call(made, run));
  });
}

/**
 * Stops a job of an earlier run, and waits until it has ended: it could write into what this run makes.
 * @param {CloneContext} context
 * @param {string} jobId
 * @param {import('../td/client.js').Run} run
 */
async function stopJob({ wasm, source, destination }, jobId, run) {
  const td = source.isSameAccount(destination) ? destination : source;
  await td.call({ call: 'kill_job', jobId }, run);
  try {
    await waitForJob(wasm, td, jobId, run);
  } catch (error) {
    const { code } = /** @type {PetitError} */ (error);
    if (code !== 'job_killed' && code !== 'job_failed') throw error;
  }
}

/**
 * @param {CloneContext} context
 * @param {ClonePlan} plan
 * @param {CloneRequest} request
 * @param {CloneSummary} summary gets what was done
 */
async function cloneAll(context, plan, request, summary) {
  const { tableParallelism = 2, downloadParallelism = 4, chunkSize = 10_000, verify } = request;
  const { signal, onEvent } = context;
  const limit = pLimit(tableParallelism);
  const one = async (/** @type {PlannedTable} */ planned) => {
    signal.throwIfAborted();
    const { table, copy } = planned;
    if (!copy) {
      summary.skipped.push(table);
      onEvent({ type: 'table', table, action: 'skip', state: 'skipped' });
      return;
    }
    try {
      const cloned = await cloneTable(
        context,
        { ...planned, copy },
        { downloadParallelism, chunkSize, verify },
      );
      summary.tables.push({ ...cloned, state: 'done' });
      summary.rows += cloned.rows;
      summary.bytes += cloned.bytes;
      onEvent({ type: 'table', state: 'done', ...cloned });
    } catch (thrown) {
      signal.throwIfAborted();
      const error = /** @type {PetitError} */ (toPetitError(thrown, { table }));
      summary.errors.push(error);
      onEvent({ type: 'table', table, action: planned.action, state: 'failed', error: error.toJSON() });
      onEvent({ type: 'error', ...error.toJSON() });
    }
  };
  const runs = await Promise.allSettled(plan.tables.map((planned) => limit(one, planned)));
  signal.throwIfAborted();
  const defect = runs.find((run) => run.status === 'rejected');
  if (defect) throw defect.reason;
}
