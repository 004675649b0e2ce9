import { allow, authenticate } from './accounts.js';
import { validation } from './errors.js';
import { withAliases } from './schema.js';
import { placeByKey } from './table-writer.js';

/**
 * Result output to TD itself: a job's rows go into a table, of the same account or another, without passing through
 * whoever issued it.
 *
 * @typedef {object} ResultUrl
 * @property {string} key empty: the job's own
 * @property {string} host empty: the job's own account
 * @property {string} database
 * @property {string} table
 * @property {string} mode
 *
 * @typedef {object} Output where the rows go
 * @property {import('./accounts.js').Account} account
 * @property {string} database
 * @property {string} table
 * @property {string} mode `append`, `replace` or `truncate`
 */

const MODES = new Set(['append', 'replace', 'truncate']);

/**
 * Reads `td://<key>@<host>/<database>/<table>?mode=…`, or `td://@/<database>/<table>` for the job's own account. Picked:
 * a key may stand there as it is, with its slash, or percent-encoded.
 * @param {string} url
 * @returns {ResultUrl}
 * @throws {import('./errors.js').ApiError} 422, without the URL: it holds a key
 */
export function parseResultUrl(url) {
  const parts = /^td:\/\/([^@]*)@([^/?]*)\/([^/?]+)\/([^/?]+)(?:\?(.*))?$/.exec(url);
  if (!parts) throw validation('Result URL is not td://<key>@<host>/<database>/<table>');
  const [, key = '', host = '', database = '', table = '', query = ''] = parts;
  const mode = new URLSearchParams(query).get('mode') ?? 'append';
  if (!MODES.has(mode)) throw validation(`Result mode is not included in the list: ${mode}`);
  const plain = decodeURIComponent;
  return { key: plain(key), host, database: plain(database), table: plain(table), mode };
}

/**
 * Finds the table's account and checks that the key may write there; replacing needs a master key.
 * @param {import('./emulator.js').Emulator} emulator
 * @param {{ account: import('./accounts.js').Account, key: import('./accounts.js').Key }} caller
 * @param {ResultUrl} url
 * @returns {Output}
 * @throws {import('./errors.js').ApiError}
 */
export function openOutput(emulator, caller, { key, host, database, table, mode }) {
  const site = host === '' ? caller.account.site : siteOf(emulator, host);
  const found = key === '' ? caller : authenticate(emulator.accounts, site, `TD1 ${key}`);
  found.account.catalog.database(database);
  allow(found.key, mode === 'append' ? 'import' : 'write', database);
  return { account: found.account, database, table, mode };
}

/**
 * @param {import('./emulator.js').Emulator} emulator
 * @param {string} host with its port
 */
function siteOf(emulator, host) {
  const place = emulator.otherHosts.get(host) ?? host;
  const found = Object.entries(emulator.sites).find(([, url]) => new URL(url).host === place);
  if (!found) throw validation(`Result host is not known: ${host}`);
  return found[0];
}

/**
 * Puts a query's rows into the output's table; a table that is missing is made from the result's columns.
 *
 * A column of the result goes to the table's column with this key, else to the one that SQL calls so, else it becomes a
 * new column.
 * @param {Output} output
 * @param {import('./prepare.js').Prepared} prepared
 * @param {import('./table-writer.js').TableWriter} writer on the connection that can read the rows
 * @returns {Promise<number>} rows written
 */
export async function writeOutput({ account, database, table: name, mode }, prepared, writer) {
  const { catalog } = account;
  if (!catalog.database(database).tables.has(name)) await catalog.createTable(database, name, []);
  const table = catalog.table(database, name);
  const { keys, added } = placeByKey(table.columns, prepared);
  const files = await writer.writeRows(prepared, keys, account.folder);
  // It may have been deleted meanwhile, and another may have its name: the rows are not for that one.
  if (!catalog.holds(table)) throw new Error(`Table ${database}.${name} is gone`);
  const columns = withAliases([...table.columns, ...added]);
  if (mode === 'append') {
    if (files.length > 0) await writer.add(catalog, table, files, columns);
  } else {
    await catalog.replaceFiles(table, files);
    await catalog.updateTable(database, table, { columns });
  }
  return files.reduce((sum, file) => sum + file.rows, 0);
}
