import { errorCode } from '../errors.js';
import { withDestinationAccessError, withSourceAccessError } from '../td/access-errors.js';
import { callIdempotently } from '../td/idempotent.js';
import { runQuery, waitForJob } from '../td/job.js';
import { wasm } from '../wasm.js';
import { deleteSession } from './session.js';
import { deleteStagingTable } from './staging.js';

/** @import { Leftovers } from '../../core.js' */
/** @import { ClonePlan } from '../../types.js' */
/** @import { CloneRun } from './index.js' */

/**
 * Checks that the source can be queried, unless the inspection has shown it, and creates the database of the destination if
 * it is missing. The run's lease, which is created next, shows that tables can be created there.
 * @param {CloneRun} run
 * @param {ClonePlan} plan
 * @param {boolean} canQuerySource
 */
export async function prepareDestination(run, plan, canQuerySource) {
  const { source, sourceDatabase: database, calls } = run;
  if (!canQuerySource) {
    await withSourceAccessError(() => runQuery(source, { database, sql: 'SELECT 1' }, calls));
  }
  await withDestinationAccessError(async () => {
    if (plan.createDatabase) await createDatabase(run);
  });
}

/**
 * Removes what earlier runs left in the destination.
 * @param {CloneRun} run
 * @param {ClonePlan} plan
 */
export async function removeOrphans(run, plan) {
  await withDestinationAccessError(() => removeLeftovers(run, plan.orphans));
}

/** @param {CloneRun} run */
async function createDatabase({ destination, destinationDatabase: database, calls, onEvent }) {
  await callIdempotently(destination, { call: 'create_database', database }, calls);
  onEvent({ type: 'database', state: 'created', database });
}

/**
 * @param {CloneRun} run
 * @param {ClonePlan['orphans']} orphans
 */
async function removeLeftovers(run, { jobs, sessions, tables }) {
  /** @type {Leftovers} */
  let leftovers = { jobs, sessions, tables };
  for (;;) {
    const { next, left } = wasm.nextRemovalStep(leftovers);
    leftovers = left;
    if (next.step === 'stop_job') await stopJob(run, next.job);
    else if (next.step === 'remove_session')
      await deleteSession(run.destination, next.session, run.calls, run.clock);
    else if (next.step === 'delete_table') await deleteStagingTable(run, next.table);
    else return;
  }
}

/**
 * Kills a job of an earlier run and waits until it has ended: it could still write into this run's tables.
 * @param {CloneRun} run
 * @param {string} jobId
 */
async function stopJob({ source, destination, calls }, jobId) {
  const td = source.isSameAccount(destination) ? destination : source;
  await td.call({ call: 'kill_job', jobId }, calls);
  try {
    await waitForJob(td, jobId, calls);
  } catch (error) {
    if (!wasm.hasJobStopped(String(errorCode(error)))) throw error;
  }
}
