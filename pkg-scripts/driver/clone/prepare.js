import { errorCode } from '../errors.js';
import { withDestinationAccessError, withSourceAccessError } from '../td/access-errors.js';
import { ignoringError } from '../td/idempotent.js';
import { runQuery, waitForJob } from '../td/job.js';
import { deleteSession } from './session.js';
import { deleteStagingTable } from './staging.js';

/** @import { ClonePlan } from '../../types.js' */
/** @import { CloneRun } from './index.js' */

/**
 * Checks that the source can be read, and creates the database of the destination if it is missing. The run's lease, which
 * is created next, shows that tables can be created there.
 * @param {CloneRun} run
 * @param {ClonePlan} plan
 */
export async function prepareDestination(run, plan) {
  const { source, sourceDatabase, calls } = run;
  await withSourceAccessError(() => runQuery(source, { database: sourceDatabase, sql: 'SELECT 1' }, calls));
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
function createDatabase({ destination, destinationDatabase: database, calls }) {
  return ignoringError('conflict', () => destination.call({ call: 'create_database', database }, calls));
}

/**
 * @param {CloneRun} run
 * @param {ClonePlan['orphans']} orphans
 */
async function removeLeftovers(run, { jobs, sessions, tables }) {
  for (const jobId of jobs) await stopJob(run, jobId);
  for (const session of sessions) await deleteSession(run.destination, session, run.calls);
  for (const table of tables) await deleteStagingTable(run, table);
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
    const code = errorCode(error);
    if (code !== 'job_killed' && code !== 'job_failed') throw error;
  }
}
