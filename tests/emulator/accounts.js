import { ApiError } from './errors.js';

/**
 * Accounts, the keys that open them, and what each key may do.
 *
 * @typedef {'master' | 'full_access' | 'query_only' | 'import_only' | 'write_only' | 'none'} Permission
 * @typedef {'list_databases' | 'list_tables' | 'query' | 'import' | 'write'} Action
 * @typedef {object} Key
 * @property {string} name what logs may call it: never the key itself
 * @property {string} key
 * @property {Permission} permission
 * @property {Record<string, Permission>} databases where it may do more or less than elsewhere
 * @property {boolean} [revoked]
 */

/** @type {Record<Permission, Set<Action>>} */
const ALLOWED = {
  master: new Set(['list_databases', 'list_tables', 'query', 'import', 'write']),
  full_access: new Set(['list_databases', 'list_tables', 'query', 'import', 'write']),
  query_only: new Set(['list_databases', 'list_tables', 'query']),
  import_only: new Set(['list_databases', 'import']),
  write_only: new Set(['import']),
  none: new Set(),
};

/** What `database/list` calls a permission. */
const SHOWN = {
  master: 'administrator',
  full_access: 'full_access',
  query_only: 'query_only',
  import_only: 'import_only',
  write_only: 'import_only',
  none: null,
};

/** One account with all that is in it. */
export class Account {
  /**
   * @param {{ name: string, id: number, site: string, keys: Key[], user: { name: string, email: string } }} identity
   * @param {{ engine: import('./engine.js').Engine, catalog: import('./catalog.js').Catalog,
   *   jobs: import('./jobs.js').Jobs, imports: import('./bulk-import.js').BulkImports,
   *   results: import('./results.js').Results, workflows: import('./workflows.js').Workflows, folder: string }} parts
   */
  constructor(identity, parts) {
    this.name = identity.name;
    this.id = identity.id;
    this.site = identity.site;
    this.keys = identity.keys;
    this.user = identity.user;
    this.engine = parts.engine;
    this.catalog = parts.catalog;
    this.jobs = parts.jobs;
    this.imports = parts.imports;
    this.results = parts.results;
    this.workflows = parts.workflows;
    this.folder = parts.folder;
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
export const shownPermission = (key, database) => SHOWN[permissionOf(key, database)];

/**
 * @param {Key} key
 * @param {Action} action
 * @param {string} [database]
 */
export const isAllowed = (key, action, database) => ALLOWED[permissionOf(key, database)].has(action);

/**
 * @param {Key} key
 * @param {Action} action
 * @param {string} [database]
 * @throws {ApiError} 403
 */
export function allow(key, action, database) {
  if (isAllowed(key, action, database)) return;
  const place = database ? ` on database ${database}` : '';
  throw new ApiError(403, `You are not authorized to ${action.replace('_', ' ')}${place}`);
}

/**
 * Finds the account of a request. A good key is refused at another site than its account's.
 *
 * @param {Iterable<Account>} accounts
 * @param {string} site
 * @param {string | undefined} header the Authorization header
 * @returns {{ account: Account, key: Key }}
 * @throws {ApiError} 401
 */
export function authenticate(accounts, site, header) {
  const given = /^TD1 (.+)$/.exec(header ?? '')?.[1];
  for (const account of accounts) {
    if (account.site !== site) continue;
    const key = account.keys.find((candidate) => candidate.key === given && !candidate.revoked);
    if (key) return { account, key };
  }
  throw new ApiError(401, 'Unauthorized: the API key is not valid');
}
