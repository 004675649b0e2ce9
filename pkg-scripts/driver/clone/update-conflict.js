import { PetitError } from '../errors.js';
import { countRows } from '../result/query.js';
import { formatRows } from '../utils/format-rows.js';

/** @import { TableRun } from './table.js' */

/**
 * Fails if another run is at work at the same table. A run shows its work by its session or its staging table before it looks
 * at those of others, so that of two runs at least one sees the other.
 * @param {TableRun} run
 * @param {string} table
 */
export async function checkAlone({ destination, destinationDatabase: database, runNumber, calls }, table) {
  const sessions = await destination.call({ call: 'list_sessions' }, calls);
  const tables = await destination.listTables(database, calls);
  const names = sessions.map(({ name }) => name);
  const others = tables.othersAtWork(database, table, runNumber, names, destination.nowMs());
  tables.free();
  if (others.length === 0) return;
  throw new PetitError('update_conflict', 'another run is copying into this table; nothing was changed');
}

/**
 * Fails if a table does not have the rows that it had when it was compared.
 * @param {TableRun} run
 * @param {string} sql counts them
 * @param {bigint} expected
 */
export async function checkUnchanged({ destination, destinationDatabase, calls }, sql, expected) {
  const counted = await countRows(destination, destinationDatabase, sql, calls);
  if (counted === expected) return;
  throw new PetitError(
    'update_conflict',
    `the destination had ${formatRows(expected)} when it was compared, and has ${counted} now; nothing was changed`,
  );
}
