import { PetitError } from './errors.js';
import { findPersonalColumns as find } from './result/personal.js';
import { withSourceAccessError } from './td/access-errors.js';
import { listAllTables } from './td/list-tables.js';

/** @import { Account, AccountCheck, DatabaseInfo, ListedTable, PersonalOptions, PersonalReport, TableInfo } from '../types.js' */
/** @import { RunContext } from './run/run.js' */
/** @import { TdClient } from './td/client.js' */

/** What a key may do in a database, by TD's name for its permission there.
 * @type {Record<string, ('read' | 'write')[]>} */
const MAY = {
  administrator: ['read', 'write'],
  owner: ['read', 'write'],
  full_access: ['read', 'write'],
  query_only: ['read'],
  import_only: [],
};

/**
 * Returns whose the key is, the databases that it can see, and what it may do there.
 * @param {RunContext} run
 * @param {Account} account
 * @param {TdClient} [td] the client that asks
 * @returns {Promise<AccountCheck>}
 */
export async function checkAccount(run, account, td = run.connect(account)) {
  const listed = await td.call({ call: 'list_databases' }, run.calls);
  const user = await userOf(td, run);
  /** @type {AccountCheck['databases']} */
  const databases = listed.map(({ name, count, permission }) => ({
    ...{ name, count, permission },
    permissions: user?.administrator ? ['read', 'write'] : (MAY[permission ?? ''] ?? []),
  }));
  const allowed = new Set(databases.flatMap(({ permissions }) => permissions));
  if (user?.administrator) allowed.add('read').add('write');
  return {
    endpoint: td.endpoint,
    site: td.site,
    accountId: user?.accountId ?? td.accountNumber,
    user: user && { name: user.name, email: user.email },
    databases,
    permissions: /** @type {const} */ (['read', 'write']).filter((right) => allowed.has(right)),
  };
}

/**
 * The key's user; undefined if TD does not show it to this key.
 * @param {TdClient} td
 * @param {RunContext} run
 */
async function userOf(td, { calls }) {
  try {
    return await td.call({ call: 'show_user' }, calls);
  } catch (error) {
    if (error instanceof PetitError && error.status !== undefined && error.status < 500) return undefined;
    throw error;
  }
}

/**
 * Lists the databases of an account, with the number and the size of their tables.
 * @param {RunContext} run
 * @param {Account} account
 * @returns {Promise<DatabaseInfo[]>}
 */
export async function listDatabases(run, account) {
  const databases = await listAllTables(run, run.connect(account));
  return databases.map(({ name, count, permission, tables }) => ({
    ...{ name, permission },
    tables: tables?.length,
    ...sizes(count, tables && sizeOf(tables.withoutColumns())),
  }));
}

/**
 * Rows and bytes under the names that plans have, and under their former names.
 * @param {bigint | undefined} rows
 * @param {bigint | undefined} bytes
 */
const sizes = (rows, bytes) => ({ rows, bytes, count: rows, estimatedStorageSize: bytes });

/** @param {TableInfo[]} tables */
const sizeOf = (tables) => tables.reduce((sum, table) => sum + (table.estimatedStorageSize ?? 0n), 0n);

/**
 * Lists the tables of a database.
 * @param {RunContext} run
 * @param {Account} account
 * @param {string} database
 * @returns {Promise<ListedTable[]>}
 */
export async function listTables(run, account, database) {
  const td = run.connect(account);
  const tables = (await withSourceAccessError(() => td.listTables(database, run.calls))).toData();
  return tables.map(toListedTable);
}

/**
 * Finds the columns of a database that look personal and have no rule.
 * @param {RunContext} run
 * @param {Account} account
 * @param {string} database
 * @param {PersonalOptions} options
 * @returns {Promise<PersonalReport>}
 */
export async function findPersonalColumns(run, account, database, { tables: chosen, mask, values = false }) {
  const td = run.connect(account);
  const tables = await withSourceAccessError(() => td.listTables(database, run.calls));
  const names = chosen ?? tables.largest(tables.length);
  const maxQueries = values ? Number.POSITIVE_INFINITY : 0;
  return find(run, { td, database, tables }, names, { ...(mask && { mask }), maxQueries });
}

/** @param {TableInfo} table @returns {ListedTable} */
export const toListedTable = (table) => ({
  table: table.name,
  ...table,
  ...sizes(table.count, table.estimatedStorageSize),
});
