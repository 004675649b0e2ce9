import { PetitError } from '../errors.js';
import { wasm } from '../wasm.js';
import { maskOf } from '../workers/mask.js';
import { compareTables } from './compare.js';

/** @import { Column } from '../../core.js' */
/** @import { CopyTask } from '../../types.js' */
/** @import { CloneRun } from '../clone/index.js' */

/**
 * Compares a source table, or the rows of it that are copied, with its staging table before the latter is published. Rows that were added to the source
 * meanwhile are a difference too, because TD has no snapshots.
 * @param {CloneRun} run
 * @param {string} table
 * @param {CopyTask} copy
 * @param {string} [stagingCondition] of the rows of the staging table that are compared; default: all
 */
export async function verifyContents(run, table, copy, stagingCondition) {
  const { schema, stagingTable, condition, masked } = copy;
  const { source, destination, sourceDatabase, destinationDatabase, calls } = run;
  const columns = columnsOf(schema);
  const { differences } = await compareTables(
    {
      ...{ td: source, database: sourceDatabase },
      queries: wasm.sideQueries(sourceDatabase, table, columns, condition),
      mask: maskOf(masked, run.maskKey),
    },
    {
      ...{ td: destination, database: destinationDatabase },
      queries: wasm.sideQueries(destinationDatabase, stagingTable, columns, stagingCondition),
    },
    'auto',
    calls,
  );
  if (differences.length === 0) return;
  throw new PetitError('verification_failed', `the copy differs from the source: ${differences.join('; ')}`);
}

/**
 * @param {string} [schema] JSON as TD's `create_table` takes it
 * @returns {Column[]}
 */
function columnsOf(schema = '[]') {
  /** @type {[key: string, type: string, alias?: string][]} */
  const columns = JSON.parse(schema);
  return columns.map(([key, type, alias]) => ({
    ...{ key, type },
    ...(alias && { alias }),
  }));
}
