import { Account } from '../emulator/accounts.js';
import { BulkImports } from '../emulator/bulk-import.js';
import { Catalog } from '../emulator/catalog.js';
import { Emulator } from '../emulator/emulator.js';
import { Jobs } from '../emulator/jobs.js';
import { createApp } from '../emulator/server.js';
import { Workflows } from '../emulator/workflows.js';
import { MemoryStorage, runQuery } from './memory.js';

/**
 * The emulator of a simulation: its routes, catalog, jobs and sessions, with rows in memory, on a virtual clock, without
 * sockets.
 *
 * @typedef {import('./clock.js').VirtualClock} VirtualClock
 * @typedef {{ type: 'created' | 'deleted' | 'renamed' | 'changed', account: string, database: string, name: string,
 *   to?: string, table: import('../emulator/table.js').Table }} Change
 * @typedef {object} Hooks
 * @property {(change: Change) => void} onChange called after each change of a table
 * @property {(sql: string) => import('../emulator/jobs.js').JobFault} onJob
 * @property {import('../emulator/bulk-import.js').ImportSettings['fault']} onImport
 */

export const SITES = { origin: 'us01', target: 'ap01' };
/** @type {Record<string, string>} */
export const KEYS = {
  origin: '31/e000000000000000000000000000000000000001',
  target: '32/e000000000000000000000000000000000000002',
};

/** A catalog that reports its changes, and remembers what its listings showed. */
class WatchedCatalog extends Catalog {
  /** @type {Map<string, { ms: number, body: any }[]>} by database */
  #listings = new Map();

  /**
   * @param {Partial<import('../emulator/emulator.js').Settings>} settings
   * @param {VirtualClock} clock
   * @param {(change: Omit<Change, 'account'>) => void} onChange
   */
  constructor(settings, clock, onChange) {
    const engine = { change: async () => {}, settled: async () => {}, close() {} };
    super(/** @type {any} */ (engine), /** @type {any} */ (settings), clock);
    this.virtual = clock;
    this.onChange = onChange;
  }

  /** @type {Catalog['createTable']} */
  async createTable(database, name, ...rest) {
    const table = await super.createTable(database, name, ...rest);
    this.#report({ type: 'created', database, name, table });
    return table;
  }

  /** @type {Catalog['deleteTable']} */
  async deleteTable(database, name) {
    const table = this.table(database, name);
    await super.deleteTable(database, name);
    this.#report({ type: 'deleted', database, name, table });
  }

  /** @type {Catalog['renameTable']} */
  async renameTable(database, name, to, overwrite) {
    const table = this.table(database, name);
    await super.renameTable(database, name, to, overwrite);
    this.#report({ type: 'renamed', database, name, to, table });
  }

  /** @type {Catalog['append']} */
  async append(table, files, columns) {
    await super.append(table, files, columns);
    const database = [...this.databases.values()].find(({ tables }) => tables.get(table.name) === table);
    this.#report({ type: 'changed', database: database?.name ?? '', name: table.name, table });
  }

  /** @param {Omit<Change, 'account'>} change */
  #report(change) {
    const { database } = change;
    const tables = [...(this.databases.get(database)?.tables.values() ?? [])];
    const listings = this.#listings.get(database) ?? [];
    listings.push({
      ms: this.virtual.ms,
      body: { database, tables: tables.map((table) => table.toJson(true)) },
    });
    this.#listings.set(database, listings);
    this.onChange(change);
  }

  /**
   * The listing as it was, if the database was there.
   * @param {string} database
   * @param {number} ms
   */
  listingAt(database, ms) {
    return this.#listings.get(database)?.findLast((listing) => listing.ms <= ms)?.body;
  }
}

/** One emulator serves all simulations, each with accounts of its own: building the routes takes longer than a simulation. */
const emulator = new Emulator(/** @type {any} */ ({}), '', false);
/** @type {Map<string, import('fastify').FastifyInstance>} by site */
const apps = new Map();

export class TreasureData {
  emulator = emulator;

  /**
   * @param {VirtualClock} clock
   * @param {Hooks} hooks
   */
  constructor(clock, hooks) {
    this.clock = clock;
    this.hooks = hooks;
  }

  /**
   * @param {VirtualClock} clock
   * @param {Partial<import('../emulator/emulator.js').Settings>} settings
   * @param {Hooks} hooks
   */
  static async open(clock, settings, hooks) {
    const td = new TreasureData(clock, hooks);
    emulator.settings = /** @type {any} */ (settings);
    emulator.log.entries = [];
    let jobs = 1_000_000;
    emulator.accounts = Object.entries(SITES).map(([name, site]) =>
      td.#account(name, site, () => String(++jobs)),
    );
    for (const site of Object.values(SITES)) {
      emulator.sites[site] = `https://${site}.td.test`;
      if (!apps.has(site)) apps.set(site, await createApp(emulator, site));
    }
    return td;
  }

  /**
   * @param {string} name
   * @param {string} site
   * @param {() => string} nextId
   */
  #account(name, site, nextId) {
    const { clock, hooks } = this;
    const { settings } = this.emulator;
    const catalog = new WatchedCatalog(settings, clock, (change) =>
      hooks.onChange({ ...change, account: name }),
    );
    const jobs = new Jobs(
      settings,
      nextId,
      async () => {},
      ({ query }) => hooks.onJob(query ?? ''),
      clock,
    );
    const imports = new BulkImports(catalog, new MemoryStorage(), {
      ...{ commitDelayMs: settings.commitDelayMs, clock, fault: hooks.onImport },
    });
    const key = {
      name: 'master',
      key: KEYS[name] ?? '',
      permission: /** @type {const} */ ('master'),
      databases: {},
    };
    const identity = { name, id: 31, site, keys: [key], user: { name, email: 'user@td.test' } };
    const unused = /** @type {any} */ (undefined);
    return new Account(identity, {
      ...{ engine: unused, results: unused, catalog, jobs, imports, folder: '', runQuery },
      workflows: new Workflows(settings),
    });
  }

  /** @param {string} name @returns {Account} */
  account(name) {
    return /** @type {Account} */ (this.emulator.accounts.find((account) => account.name === name));
  }

  /**
   * Handles a request as TD does.
   * @param {string} site
   * @param {{ method: string, path: string, headers: Record<string, string>, body: Buffer | undefined }} message
   */
  async handle(site, { method, path, headers, body }) {
    const app = /** @type {import('fastify').FastifyInstance} */ (apps.get(site));
    const answer = await app.inject({
      method: /** @type {any} */ (method),
      url: path,
      headers,
      payload: body,
    });
    const kept = Object.entries(answer.headers).filter(([name]) => name !== 'connection');
    return { status: answer.statusCode, headers: Object.fromEntries(kept), body: answer.rawPayload };
  }

  /**
   * @param {string} account
   * @param {string} database
   * @param {number} lagMs
   */
  staleListing(account, database, lagMs) {
    const catalog = /** @type {WatchedCatalog} */ (this.account(account).catalog);
    return catalog.listingAt(database, this.clock.ms - lagMs);
  }
}
