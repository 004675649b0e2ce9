import { PetitError } from '../errors.js';
import { isOutcomeUnknown } from '../td/idempotent.js';
import { withGrace } from '../utils/sleep.js';

/** @import { CallContext } from '../td/client.js' */
/** @import { CloneTask, TableRun } from './table.js' */

/** How long publishing may go on after the run is aborted, in milliseconds: the user needs to know whether the table is
 * there. */
const PUBLISH_GRACE_MS = 5_000;

/**
 * Gives the staging table the table's name, in one step.
 * @param {TableRun} run
 * @param {CloneTask} task
 */
export async function publish(run, task) {
  run.progress.setPhase('publishing');
  await withGrace(run.signal, PUBLISH_GRACE_MS, (signal) => rename(run, task, { ...run.calls, signal }));
}

/**
 * A rename must not be repeated blindly. After a lost reply, the listing tells whether it was carried out: then the staging
 * table is gone.
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {CallContext} calls
 */
async function rename({ destination, destinationDatabase: database }, { table, copy }, calls) {
  const { stagingTable, overwrite } = copy;
  const call = { call: 'rename_table', database, table: stagingTable, newName: table, overwrite };
  const budget = destination.retryBudget(calls);
  for (let isInDoubt = false; ; ) {
    try {
      await destination.call(call, calls);
      return;
    } catch (thrown) {
      calls.signal?.throwIfAborted();
      const error = /** @type {PetitError} */ (thrown);
      const { code } = error;
      if (!isOutcomeUnknown(error) && code !== 'not_found') throw error;
      isInDoubt ||= code === 'network' || code === 'server_error';
      if (code !== 'not_found' && code !== 'conflict') await budget.backoff(error);
      /** @type {{ name: string }[]} */
      const tables = await destination.call({ call: 'list_tables', database }, calls);
      const exists = (/** @type {string} */ name) => tables.some((listed) => listed.name === name);
      if (!exists(stagingTable) && exists(table) && isInDoubt) return;
      if (code === 'not_found') throw error;
      if (code === 'conflict') throw exists(table) ? alreadyExists(database, error) : error;
    }
  }
}

/**
 * @param {string} database
 * @param {PetitError} cause
 */
function alreadyExists(database, cause) {
  const message = `a table of this name was created in "${database}" during the clone; it was left unchanged`;
  return new PetitError('already_exists', message, { cause });
}
