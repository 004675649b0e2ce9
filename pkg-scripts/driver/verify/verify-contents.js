import { PetitError } from '../errors.js';
import { compareTables } from './compare.js';

/** @import { CloneContext, CopyTask } from '../clone/table.js' */
/** @import { Run } from '../td/client.js' */

/**
 * Compares a table of the source with what was loaded for it, before that gets the table's name. Rows that came to the
 * source since it was read are a difference, too: TD has no snapshots.
 * @param {CloneContext} context
 * @param {string} table
 * @param {CopyTask} copy
 * @param {Run} run
 */
export async function verifyContents(context, table, copy, run) {
  const { wasm, source, destination, sourceDatabase, destinationDatabase } = context;
  const columns = columnsOf(copy);
  const { differences } = await compareTables(
    wasm,
    {
      ...{ td: source, database: sourceDatabase },
      queries: wasm.sideQueries(sourceDatabase, table, columns),
    },
    {
      ...{ td: destination, database: destinationDatabase },
      queries: wasm.sideQueries(destinationDatabase, copy.stagingTable, columns),
    },
    'auto',
    run,
  );
  if (differences.length === 0) return;
  throw new PetitError(
    'verification_failed',
    `the copy is not what the source holds: ${differences.join('; ')}`,
  );
}

/**
 * @param {CopyTask} copy
 * @returns {{ key: string, type: string, alias?: string }[]}
 */
function columnsOf({ schema = '[]' }) {
  return JSON.parse(schema).map((/** @type {[string, string, string?]} */ [key, type, alias]) => ({
    ...{ key, type },
    ...(alias && { alias }),
  }));
}
