import { PetitError } from './errors.js';
import { sourceRefused } from './td/access-errors.js';
import { connect } from './td/client.js';
import { instantiate } from './wasm.js';

/** @import { Account, Platform } from './types.js' */

/** What a key may do with a database, by what TD calls its permission there.
 * @type {Record<string, ('read' | 'write')[]>} */
const MAY = {
  administrator: ['read', 'write'],
  owner: ['read', 'write'],
  full_access: ['read', 'write'],
  query_only: ['read'],
  import_only: [],
};

/**
 * Who a key is, and what it may do, as far as TD tells.
 * @typedef {object} AccountCheck
 * @property {string} endpoint
 * @property {string} [site]
 * @property {string} [accountId]
 * @property {{ name?: string, email?: string }} [user]
 * @property {{ name: string, count?: bigint, permission?: string, may: ('read' | 'write')[] }[]} databases
 * @property {('read' | 'write')[]} may anywhere: `read` is needed to export and to clone from, `write` to clone into
 */

/**
 * Asks TD whose the key is and what it opens.
 * @param {Platform} platform
 * @param {Account} account
 * @param {{ signal?: AbortSignal } & import('./td/client.js').Persistence} [options]
 * @returns {Promise<AccountCheck>}
 */
export async function checkAccount(platform, account, options = {}) {
  const wasm = instantiate(await platform.loadWasm());
  const td = connect(platform, wasm, account, options);
  const run = { signal: options.signal };
  const listed = await td.call({ call: 'list_databases' }, run);
  const user = await userOf(td, run);
  const databases = listed.map((/** @type {any} */ { name, count, permission }) => ({
    ...{ name, count, permission },
    may: user?.administrator ? ['read', 'write'] : (MAY[permission] ?? []),
  }));
  const allowed = new Set(databases.flatMap((/** @type {any} */ { may }) => may));
  if (user?.administrator) allowed.add('read').add('write');
  return {
    endpoint: td.endpoint,
    site: td.site,
    accountId: user?.accountId ?? td.accountNumber,
    user: user && { name: user.name, email: user.email },
    databases,
    may: /** @type {const} */ (['read', 'write']).filter((right) => allowed.has(right)),
  };
}

/**
 * The key's user, unless TD does not tell this key.
 * @param {import('./td/client.js').TreasureData} td
 * @param {import('./td/client.js').Run} run
 */
async function userOf(td, run) {
  try {
    return await td.call({ call: 'show_user' }, run);
  } catch (error) {
    if (error instanceof PetitError && error.status !== undefined && error.status < 500) return undefined;
    throw error;
  }
}

/**
 * The tables of a database.
 * @param {Platform} platform
 * @param {Account} account
 * @param {string} database
 * @param {{ signal?: AbortSignal } & import('./td/client.js').Persistence} [options]
 * @returns {Promise<TableInfo[]>}
 */
export async function listTables(platform, account, database, options = {}) {
  const wasm = instantiate(await platform.loadWasm());
  const td = connect(platform, wasm, account, options);
  return sourceRefused(() => td.call({ call: 'list_tables', database }, { signal: options.signal }));
}

/**
 * A table as TD lists it.
 * @typedef {object} TableInfo
 * @property {string} name
 * @property {bigint} [count] rows, as of some time ago
 * @property {bigint} [estimatedStorageSize] compressed bytes
 * @property {{ key: string, type: string, alias?: string }[]} columns without `time`
 * @property {number} [expireDays]
 * @property {string} [description]
 * @property {number} [lastLogTimestamp] latest `time`, in Unix seconds
 * @property {string} [createdAt]
 * @property {string} [updatedAt]
 */
