import { PetitError, toPetitError } from './errors.js';
import { listEndedProcesses } from './run/ended-processes.js';
import { withSourceAccessError } from './td/access-errors.js';
import { listActiveJobs } from './td/active-jobs.js';
import { callIdempotently } from './td/idempotent.js';
import { listAllTables } from './td/list-tables.js';
import { wasm } from './wasm.js';

/** @import { CleanupPlan, CleanupRequest, CleanupSummary } from '../types.js' */
/** @import { RunContext } from './run/run.js' */
/** @import { TdClient } from './td/client.js' */

/** Maximum jobs of each status that are searched. */
const MAX_JOBS = 1000;

/**
 * Finds the leftovers of interrupted clones in an account, and removes them if requested.
 * @param {RunContext} run
 * @param {CleanupRequest} request
 * @returns {Promise<CleanupSummary>}
 */
export async function cleanUp(run, request) {
  const { onEvent } = run;
  const td = run.connect(request.account);
  const account = td.endpoint;
  const { found, inaccessible } = await scan(run, td, request);
  onEvent({ type: 'plan', command: 'cleanup', account, ...found, inaccessible });
  /** @type {CleanupSummary} */
  const summary = { account, found, inaccessible, removed: 0, errors: [] };
  if (!request.remove) return summary;
  if (!isForced(request)) throwIfInUse(found);
  await remove(run, td, summary);
  const { errors, ...rest } = summary;
  onEvent({ type: 'summary', command: 'cleanup', ...rest, errors: errors.map((error) => error.toJSON()) });
  return summary;
}

/**
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {CleanupRequest} request
 * @returns {Promise<{ found: CleanupPlan, inaccessible: string[] }>}
 */
async function scan(run, td, { database, force }) {
  const [sessions, jobs] = await Promise.all([
    withSourceAccessError(() => td.call({ call: 'list_sessions' }, run.calls)),
    listActiveJobs(td, MAX_JOBS, run.calls),
  ]);
  // After the sessions and jobs: a run creates its lease first, so that the lease of each of them is in these lists.
  const { databases, inaccessible } =
    database === undefined ? await listTablesOfAll(run, td) : await listTablesOf(run, td, database);
  const processes = databases.map(({ database, tables }) =>
    listEndedProcesses(run.platform, database, tables),
  );
  const found = wasm.planCleanup({
    databases: databases.map(({ database, tables }) => ({ database, tables: tables.withoutColumns() })),
    ...{ sessions, jobs, nowMs: td.nowMs() },
    endedProcesses: (await Promise.all(processes)).flat(),
    force: Array.isArray(force) ? force : [],
  });
  return { found, inaccessible };
}

/**
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {string} database
 */
async function listTablesOf({ calls }, td, database) {
  const tables = await withSourceAccessError(() => td.listTables(database, calls));
  return { databases: [{ database, tables }], inaccessible: [] };
}

/**
 * The tables of all databases that the key can list, and the names of the other databases.
 * @param {RunContext} run
 * @param {TdClient} td
 */
async function listTablesOfAll(run, td) {
  const all = await listAllTables(run, td);
  return {
    databases: all.flatMap(({ name, tables }) => (tables ? [{ database: name, tables }] : [])),
    inaccessible: all.flatMap(({ name, tables }) => (tables ? [] : [name])).sort(),
  };
}

/** @param {CleanupRequest} request */
const isForced = ({ force }) => force === true || (Array.isArray(force) && force.length > 0);

/** @param {CleanupPlan} found */
function throwIfInUse({ jobs: [job] }) {
  if (!job) return;
  const message = `nothing was removed: job ${job.jobId} is ${job.status}, so a clone may be in progress`;
  throw new PetitError('in_use', message, { job: job.jobId });
}

/**
 * Removes jobs first, because they could still write into the others, and sessions before the tables that they load.
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {CleanupSummary} summary gets the result
 */
async function remove({ calls, signal }, td, summary) {
  const { jobs, sessions, tables } = summary.found;
  for (const { jobId } of jobs) await td.call({ call: 'kill_job', jobId }, calls);
  const deletions = [
    ...sessions.map(({ session, database }) => ({
      call: /** @type {const} */ ({ call: 'delete_session', session }),
      context: { database },
    })),
    ...tables.map(({ database, table }) => ({
      call: /** @type {const} */ ({ call: 'delete_table', database, table }),
      context: { database, table },
    })),
  ];
  for (const { call, context } of deletions) {
    try {
      await callIdempotently(td, call, calls);
      summary.removed += 1;
    } catch (thrown) {
      signal.throwIfAborted();
      summary.errors.push(/** @type {PetitError} */ (toPetitError(thrown, context)));
    }
  }
}
