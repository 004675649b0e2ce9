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
    if (/** @type {any} */ (error).code === 'not_found') return undefined;
    throw error;
  }
}
