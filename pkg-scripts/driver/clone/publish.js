import { PetitError } from '../errors.js';
import { isDoubtful } from '../td/idempotent.js';

/** @import { CloneContext, CopyTask } from './table.js' */
/** @import { Run } from '../td/client.js' */

/**
 * Gives the staging table the table's name, in one step. A rename is not safe to repeat blindly: after a lost answer,
 * whether it was carried out shows by the staging table's absence.
 * @param {Pick<CloneContext, 'destination' | 'destinationDatabase'>} context
 * @param {string} table
 * @param {CopyTask} copy
 * @param {Run} run
 */
export async function publish({ destination, destinationDatabase: database }, table, copy, run) {
  const { stagingTable, overwrite } = copy;
  const rename = { call: 'rename_table', database, table: stagingTable, newName: table, overwrite };
  const patience = destination.patience(run);
  for (let isInDoubt = false; ; ) {
    try {
      await destination.call(rename, run);
      return;
    } catch (thrown) {
      run.signal?.throwIfAborted();
      const error = /** @type {PetitError} */ (thrown);
      const tells = isDoubtful(error) || error.code === 'not_found';
      if (!tells) throw error;
      isInDoubt ||= error.code === 'network' || error.code === 'server_error';
      if (error.code !== 'not_found' && error.code !== 'conflict') await patience.waitOut(error);
      const tables = await destination.call({ call: 'list_tables', database }, run);
      const isThere = (/** @type {string} */ name) =>
        tables.some((/** @type {{ name: string }} */ one) => one.name === name);
      if (!isThere(stagingTable) && isThere(table) && isInDoubt) return;
      if (error.code === 'not_found') throw error;
      if (error.code === 'conflict') throw isThere(table) ? cameMeanwhile(database, error) : error;
    }
  }
}

/**
 * @param {string} database
 * @param {PetitError} cause
 */
function cameMeanwhile(database, cause) {
  const message = `a table of this name came into "${database}" while the rows were loaded; it was left as it is`;
  return new PetitError('already_exists', message, { cause });
}
