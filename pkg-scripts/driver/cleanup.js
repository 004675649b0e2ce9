import pLimit from 'p-limit';
import { PetitError, toPetitError } from './errors.js';
import { sourceRefused } from './td/access-errors.js';
import { jobsUnderWay } from './td/active-jobs.js';
import { connect } from './td/client.js';
import { unless } from './td/idempotent.js';
import { instantiate } from './wasm.js';

/** @import { Run, TreasureData } from './td/client.js' */
/** @import { Account, OnEvent, Platform } from './types.js' */

/** How many databases are looked into at a time. */
const LISTINGS = 8;
/** How many jobs of a state are looked at. */
const MOST_JOBS = 1000;

/**
 * @typedef {object} CleanupRequest
 * @property {Account} account
 * @property {string} [database] only this one
 * @property {boolean} [remove] what was found; otherwise it is only told
 * @property {boolean} [force] also what running jobs work on: the jobs are killed
 * @property {number} [retryTimeoutMs] how long trouble may last
 * @property {number} [idleTimeoutMs] how long an answer, or the next bytes of one, may take (60,000)
 * @property {Partial<Platform>} [platform] services to use instead of the platform's own
 * @property {AbortSignal} [signal]
 * @property {OnEvent} [onEvent]
 */

/**
 * What runs that died have left: see the planner.
 * @typedef {object} CleanupPlan
 * @property {{ jobId: string, status: string, database?: string }[]} jobs
 * @property {{ session: string, database: string, status: string }[]} sessions
 * @property {{ database: string, table: string, rows?: bigint, bytes?: bigint, created?: string }[]} tables
 */

/**
 * @typedef {object} CleanupSummary
 * @property {string} account its endpoint
 * @property {CleanupPlan} found
 * @property {string[]} unseen databases that the key may not look into
 * @property {number} removed of the sessions and tables
 * @property {PetitError[]} errors of what could not be removed
 */

/**
 * Finds what runs that died have left in an account, and removes it if asked to.
 * @param {Platform} platform
 * @param {CleanupRequest} request
 * @returns {Promise<CleanupSummary>}
 */
export async function runCleanup(platform, request) {
  const { onEvent = () => {}, signal } = request;
  const run = { signal };
  const wasm = instantiate(await platform.loadWasm());
  const td = connect(platform, wasm, request.account, request);
  const { databases, unseen } = await look(td, request.database, run);
  const [sessions, jobs] = await Promise.all([
    sourceRefused(() => td.call({ call: 'list_sessions' }, run)),
    jobsUnderWay(td, MOST_JOBS, run),
  ]);
  /** @type {CleanupPlan} */
  const found = wasm.planCleanup({ databases, sessions, jobs });
  onEvent({ type: 'plan', command: 'cleanup', account: td.endpoint, ...found, unseen });
  /** @type {CleanupSummary} */
  const summary = { account: td.endpoint, found, unseen, removed: 0, errors: [] };
  if (!request.remove) return summary;
  const [job] = found.jobs;
  if (job && !request.force) {
    const message = `nothing was removed: job ${job.jobId} is ${job.status}, so that a clone may be under way`;
    throw new PetitError('in_use', message, { job: job.jobId });
  }
  await remove(td, summary, run);
  const { errors, ...told } = summary;
  onEvent({ type: 'summary', command: 'cleanup', ...told, errors: errors.map((error) => error.toJSON()) });
  return summary;
}

/**
 * The tables of one database, or of all that the key may look into.
 * @param {TreasureData} td
 * @param {string | undefined} database
 * @param {Run} run
 */
async function look(td, database, run) {
  const tablesOf = (/** @type {string} */ database) => td.call({ call: 'list_tables', database }, run);
  if (database !== undefined) {
    const tables = await sourceRefused(() => tablesOf(database));
    return { databases: [{ database, tables }], unseen: [] };
  }
  const listed = await sourceRefused(() => td.call({ call: 'list_databases' }, run));
  /** @type {string[]} */
  const unseen = [];
  const limit = pLimit(LISTINGS);
  const databases = await Promise.all(
    listed.map((/** @type {{ name: string }} */ { name }) =>
      limit(async () => {
        try {
          return [{ database: name, tables: await tablesOf(name) }];
        } catch (error) {
          if (!['forbidden', 'not_found'].includes(/** @type {any} */ (error).code)) throw error;
          unseen.push(name);
          return [];
        }
      }),
    ),
  );
  return { databases: databases.flat(), unseen: unseen.sort() };
}

/**
 * Jobs first, so that nothing is written to what goes; a session before the table it loads into.
 * @param {TreasureData} td
 * @param {CleanupSummary} summary gets what was done
 * @param {Run} run
 */
async function remove(td, summary, run) {
  const { jobs, sessions, tables } = summary.found;
  for (const { jobId } of jobs) await td.call({ call: 'kill_job', jobId }, run);
  const calls = [
    ...sessions.map(({ session, database }) => ({
      call: { call: 'delete_session', session },
      place: { database },
    })),
    ...tables.map(({ database, table }) => ({
      call: { call: 'delete_table', database, table },
      place: { database, table },
    })),
  ];
  for (const { call, place } of calls) {
    try {
      await unless('not_found', () => td.call(call, run));
      summary.removed += 1;
    } catch (thrown) {
      run.signal?.throwIfAborted();
      summary.errors.push(/** @type {PetitError} */ (toPetitError(thrown, place)));
    }
  }
}
