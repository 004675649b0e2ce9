import pLimit from 'p-limit';
import { errorCode, toPetitError } from '../errors.js';

/** @import { PetitError } from '../errors.js' */
/** @import { RunContext } from './run.js' */

/**
 * Runs `runTable` for each table, some at a time. A table that fails does not stop the others: `onFailure` reports it. An
 * abort stops all.
 * @template {{ table: string }} Task
 * @param {RunContext} run
 * @param {Task[]} tasks
 * @param {(task: Task) => Promise<void>} runTable
 * @param {(task: Task, error: PetitError) => void} onFailure
 * @returns {Promise<PetitError[]>} the failures
 */
export async function forEachTable({ signal, onEvent, outlet, limits }, tasks, runTable, onFailure) {
  /** @type {PetitError[]} */
  const errors = [];
  const runOrReport = async (/** @type {Task} */ task) => {
    signal.throwIfAborted();
    try {
      await runTable(task);
    } catch (thrown) {
      // That a table may have been published has to be reported even if the run was aborted.
      if (errorCode(thrown) !== 'publish_unknown') signal.throwIfAborted();
      const error = /** @type {PetitError} */ (toPetitError(thrown, { table: task.table }));
      outlet.error(error);
      errors.push(error);
      onFailure(task, error);
      onEvent({ type: 'error', ...error.toJSON() });
    }
  };
  const limit = pLimit(limits.tables);
  const outcomes = await Promise.allSettled(tasks.map((task) => limit(runOrReport, task)));
  signal.throwIfAborted();
  const defect = outcomes.find((outcome) => outcome.status === 'rejected');
  if (defect) throw defect.reason;
  return errors;
}
