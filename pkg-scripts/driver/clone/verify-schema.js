import { PetitError } from '../errors.js';
import { wasm } from '../wasm.js';

/** @import { CopyTask } from '../../types.js' */
/** @import { CloneRun } from './index.js' */

/**
 * Compares the staging table's schema with the planned one. Whatever wrote the rows may have changed it, and the right
 * number of rows does not show that a column is lost.
 * @param {CloneRun} run
 * @param {CopyTask} copy
 */
export async function verifySchema({ destination, destinationDatabase: database, calls }, copy) {
  const { stagingTable, schema } = copy;
  const staging = await destination.call({ call: 'show_table', database, table: stagingTable }, calls);
  const differences = wasm.stagingDifferences(schema, staging);
  if (differences.length === 0) return;
  const message = `the staging table has another schema than the plan: ${differences.join('; ')}`;
  throw new PetitError('verification_failed', message);
}
