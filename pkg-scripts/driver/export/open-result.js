import { finishedJobResult, JobResult, listSlices } from '../result/job-result.js';
import { withStatusUpdates } from '../run/progress.js';
import { waitForJob } from '../td/job.js';

/** @import { ExportTask } from '../../types.js' */
/** @import { Result } from '../result/job-result.js' */
/** @import { TableRun } from './table.js' */

/**
 * The result of the task's finished job, or of the jobs that it takes.
 * @param {TableRun} run
 * @param {ExportTask} task
 * @returns {Promise<Result>}
 */
export async function openResult(run, task) {
  const { source: td, limits } = run;
  const { database, sql, jobId } = task;
  const calls = withStatusUpdates(run, (status) => status);
  if (sql === undefined) {
    const job = await waitForJob(td, /** @type {string} */ (jobId), calls);
    return finishedJobResult(td, job, { limits, calls });
  }
  const slices = await listSlices(td, database, { ...task, sql }, calls);
  return new JobResult({ td, database, slices }, { limits, calls });
}
