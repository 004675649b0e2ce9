import pLimit from 'p-limit';
import { errorCode } from '../errors.js';
import { withSourceAccessError } from './access-errors.js';

/** @import { DatabaseInfo } from '../../core.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { CallContext, TableList, TdClient } from './client.js' */

/**
 * The tables of a database, or undefined if the database does not exist.
 * @param {TdClient} td
 * @param {string} database
 * @param {CallContext} context
 * @returns {Promise<TableList | undefined>}
 */
export async function listTablesIfExists(td, database, context) {
  try {
    return await td.listTables(database, context);
  } catch (error) {
    if (errorCode(error) === 'not_found') return undefined;
    throw error;
  }
}

/**
 * The databases of an account, each with its tables. A database whose tables the key cannot list has none.
 * @param {RunContext} run
 * @param {TdClient} td
 * @returns {Promise<(Pick<DatabaseInfo, 'name' | 'count' | 'permission'> & { tables?: TableList })[]>}
 */
export async function listAllTables({ limits, calls }, td) {
  const databases = await withSourceAccessError(() => td.call({ call: 'list_databases' }, calls));
  const limit = pLimit(limits.reads);
  const listTables = async (/** @type {string} */ database) => {
    try {
      return await td.listTables(database, calls);
    } catch (error) {
      if (!['forbidden', 'not_found'].includes(errorCode(error) ?? '')) throw error;
      return undefined;
    }
  };
  return Promise.all(
    databases.map(async ({ name, count, permission }) => {
      return { name, count, permission, tables: await limit(listTables, name) };
    }),
  );
}
