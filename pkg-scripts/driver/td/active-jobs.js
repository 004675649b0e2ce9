/** @import { Run, TreasureData } from './client.js' */

/** States of jobs that have not ended. */
const UNDER_WAY = ['queued', 'booting', 'running'];

/**
 * The newest jobs of the account that have not ended.
 * @param {TreasureData} td
 * @param {number} most of each state
 * @param {Run} run
 * @returns {Promise<{ jobId: string, query?: string }[]>}
 */
export async function jobsUnderWay(td, most, run) {
  const list = (/** @type {string} */ status) => td.call({ call: 'list_jobs', status, most }, run);
  return (await Promise.all(UNDER_WAY.map(list))).flat();
}
