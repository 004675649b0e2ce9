/** @import { JobInfo } from '../../core.js' */
/** @import { CallContext, TdClient } from './client.js' */

/** Statuses of jobs that have not ended. */
const ACTIVE_STATUSES = ['queued', 'booting', 'running'];

/**
 * The account's newest jobs that have not ended.
 * @param {TdClient} td
 * @param {number} max jobs of each status
 * @param {CallContext} context
 * @returns {Promise<JobInfo[]>}
 */
export async function listActiveJobs(td, max, context) {
  const list = (/** @type {string} */ status) => td.call({ call: 'list_jobs', status, limit: max }, context);
  return (await Promise.all(ACTIVE_STATUSES.map(list))).flat();
}
