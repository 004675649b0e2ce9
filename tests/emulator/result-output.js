import { allow, authenticate } from './accounts.js';
import { validation } from './errors.js';
import { withAliases } from './schema.js';
import { matchByKey } from './table-writer.js';

/**
 * Result output to TD: a job writes its rows directly to a table of the same or another account.
 *
 * @typedef {object} ResultUrl
 * @property {string} key empty for the job's own key
 * @property {string} host empty for the job's own account
 * @property {string} database
 * @property {string} table
 * @property {string} mode
 *
 * @typedef {object} Output the target of the rows
 * @property {import('./accounts.js').Account} account
 * @property {string} database
 * @property {string} table
 * @property {string} mode `append`, `replace` or `truncate`
 */

const MODES = new Set(['append', 'replace', 'truncate']);

/**
 * Parses `td://<key>@<host>/<database>/<table>?mode=…`, or `td://@/<database>/<table>` for the job's own account. TD does
 * not document the encoding of the key. Here, it may be percent-encoded or not, and may contain a slash.
 * @param {string} url
 * @returns {ResultUrl}
 * @throws {import('./errors.js').ApiError} 422; the message omits the URL, which contains a key
 */
export function parseResultUrl(url) {
  const parts = /^td:\/\/([^@]*)@([^/?]*)\/([^/?]+)\/([^/?]+)(?:\?(.*))?$/.exec(url);
  if (!parts) throw validation('Result URL is not td://<key>@<host>/<database>/<table>');
  const [, key = '', host = '', database = '', table = '', query = ''] = parts;
  const mode = new URLSearchParams(query).get('mode') ?? 'append';
  if (!MODES.has(mode)) throw validation(`Result mode is not included in the list: ${mode}`);
  const decode = decodeURIComponent;
  return { key: decode(key), host, database: decode(database), table: decode(table), mode };
}

/**
 * Finds the target's account and checks the key's permission: `import` to append, `write` to replace.
 * @param {import('./emulator.js').Emulator} emulator
 * @param {{ account: import('./accounts.js').Account, key: import('./accounts.js').Key }} caller
 * @param {ResultUrl} url
 * @returns {Output}
 * @throws {import('./errors.js').ApiError}
 */
export function openOutput(emulator, caller, { key, host, database, table, mode }) {
  const site = host === '' ? caller.account.site : siteOf(emulator, host);
  const owner = key === '' ? caller : authenticate(emulator.accounts, site, `TD1 ${key}`);
  owner.account.catalog.database(database);
  allow(owner.key, mode === 'append' ? 'import' : 'write', database);
  return { account: owner.account, database, table, mode };
}

/**
 * @param {import('./emulator.js').Emulator} emulator
 * @param {string} host with its port
 */
function siteOf(emulator, host) {
  const siteHost = emulator.otherHosts.get(host) ?? host;
  const found = Object.entries(emulator.sites).find(([, url]) => new URL(url).host === siteHost);
  if (!found) throw validation(`Result host is not known: ${host}`);
  return found[0];
}

/**
 * Writes a query's rows to the target table. A missing table is created with the result's columns.
 *
 * A column of the result is matched with the table's columns by key, then by SQL name. Otherwise it becomes a new column.
 * @param {Output} output
 * @param {import('./prepare.js').Prepared} prepared
 * @param {import('./table-writer.js').TableWriter} writer on the connection of the query
 * @returns {Promise<number>} rows written
 */
export async function writeOutput({ account, database, table: name, mode }, prepared, writer) {
  const { catalog } = account;
  if (!catalog.database(database).tables.has(name)) await catalog.createTable(database, name, []);
  const table = catalog.table(database, name);
  const { keys, added } = matchByKey(table.columns, prepared);
  const files = await writer.writeRows(prepared, keys, account.folder);
  // The table may have been deleted meanwhile. A new table of the same name must not get the rows.
  if (!catalog.contains(table)) throw new Error(`Table ${database}.${name} is gone`);
  const columns = withAliases([...table.columns, ...added]);
  if (mode === 'append') {
    if (files.length > 0) await writer.add(catalog, table, files, columns);
  } else {
    await catalog.replaceFiles(table, files);
    await catalog.updateTable(database, table, { columns });
  }
  return files.reduce((sum, file) => sum + file.rows, 0);
}
