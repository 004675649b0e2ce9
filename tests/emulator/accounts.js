import { ApiError } from './errors.js';

/**
 * Accounts, their API keys, and the permissions of each key.
 *
 * @typedef {'master' | 'full_access' | 'query_only' | 'import_only' | 'write_only' | 'none'} Permission
 * @typedef {'list_databases' | 'list_tables' | 'query' | 'download' | 'import' | 'write'} Action
 * @typedef {object} Key
 * @property {string} name for logs, which never contain the key itself
 * @property {string} key
 * @property {Permission} permission
 * @property {Record<string, Permission>} databases exceptions from `permission`, by database
 * @property {boolean} [revoked]
 * @property {boolean} [download] whether the key may download results where it may query; default true
 * @property {string[]} [allowedIps] the IP addresses that may use the key; default any
 *
 * @typedef {(account: Account, key: Key, job: import('./execute.js').QueryJob,
 *   output: import('./result-output.js').Output | undefined, signal: AbortSignal) => Promise<import('./jobs.js').Outcome>} RunQuery
 */

/** @type {Record<Permission, Set<Action>>} */
const ALLOWED = {
  master: new Set(['list_databases', 'list_tables', 'query', 'download', 'import', 'write']),
  full_access: new Set(['list_databases', 'list_tables', 'query', 'download', 'import', 'write']),
  query_only: new Set(['list_databases', 'list_tables', 'query', 'download']),
  import_only: new Set(['list_databases', 'import']),
  write_only: new Set(['import']),
  none: new Set(),
};

/** The names of the permissions in `database/list`. */
const LISTED_NAMES = {
  master: 'administrator',
  full_access: 'full_access',
  query_only: 'query_only',
  import_only: 'import_only',
  write_only: 'import_only',
  none: null,
};

/** An account and everything that belongs to it. */
export class Account {
  /**
   * @param {{ name: string, id: number, site: string, keys: Key[], user: { name: string, email: string },
   *   connections?: { id: number, name: string }[], schedules?: Record<string, unknown>[],
   *   resultTargets?: Record<string, unknown>[] }} identity `schedules`: saved queries too, which have no `cron`; these and
   *   `resultTargets` as the API lists them
   * @param {{ engine: import('./engine.js').Engine, catalog: import('./catalog.js').Catalog,
   *   jobs: import('./jobs.js').Jobs, imports: import('./bulk-import.js').BulkImports,
   *   results: import('./results.js').Results, workflows: import('./workflows.js').Workflows, folder: string,
   *   runQuery: RunQuery }} parts `runQuery` executes a query job
   */
  constructor(identity, parts) {
    this.name = identity.name;
    this.id = identity.id;
    this.site = identity.site;
    this.keys = identity.keys;
    this.user = identity.user;
    this.connections = identity.connections ?? [];
    this.schedules = identity.schedules ?? [];
    this.resultTargets = identity.resultTargets ?? [];
    this.engine = parts.engine;
    this.catalog = parts.catalog;
    this.jobs = parts.jobs;
    this.imports = parts.imports;
    this.results = parts.results;
    this.workflows = parts.workflows;
    this.folder = parts.folder;
    this.runQuery = parts.runQuery;
  }
}

/**
 * @param {Key} key
 * @param {string} [database]
 * @returns {Permission}
 */
const permissionOf = (key, database) => (database && key.databases[database]) || key.permission;

/**
 * @param {Key} key
 * @param {string} [database]
 */
export const shownPermission = (key, database) => LISTED_NAMES[permissionOf(key, database)];

/**
 * @param {Key} key
 * @param {Action} action
 * @param {string} [database]
 */
export const isAllowed = (key, action, database) =>
  ALLOWED[permissionOf(key, database)].has(action) && (action !== 'download' || key.download !== false);

/**
 * @param {Key} key
 * @param {Action} action
 * @param {string} [database]
 * @throws {ApiError} 403
 */
export function allow(key, action, database) {
  if (isAllowed(key, action, database)) return;
  const target = database ? ` on database ${database}` : '';
  throw new ApiError(403, `You are not authorized to ${action.replace('_', ' ')}${target}`);
}

/**
 * Finds the account of a request. As in TD, a key is valid only at the site of its account.
 *
 * @param {Iterable<Account>} accounts
 * @param {string} site
 * @param {string | undefined} header the Authorization header
 * @returns {{ account: Account, key: Key }}
 * @throws {ApiError} 401
 */
export function authenticate(accounts, site, header) {
  const apikey = /^TD1 (.+)$/.exec(header ?? '')?.[1];
  for (const account of accounts) {
    if (account.site !== site) continue;
    const key = account.keys.find((candidate) => candidate.key === apikey && !candidate.revoked);
    if (key) return { account, key };
  }
  throw new ApiError(401, 'Unauthorized: the API key is not valid');
}

/**
 * Checks the address of a request against the allowlist of its key.
 * @param {Key} key
 * @param {string} ip
 * @param {number} status of the refusal
 * @throws {ApiError}
 */
export function checkAddress(key, ip, status) {
  if (key.allowedIps === undefined || key.allowedIps.includes(ip)) return;
  throw new ApiError(status, 'Access from this IP address is not allowed');
}
