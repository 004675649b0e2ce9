import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBConnection } from '@duckdb/node-api';
import { startEmulator } from '../emulator/index.js';
import { Clones } from '../support/clone.js';
import { TestEnv } from '../support/index.js';

/** @import { Contents, Side } from '../support/clone.js' */
/** @import { DatabaseSeed, Seed, TableSeed } from '../emulator/seed.js' */

/** Rows of the large table, whose result has two ranges. */
const LARGE_ROWS = 1300;
const LARGE_ROW_BYTES = 8192;

/** @type {TableSeed[]} */
const SMALL = [
  {
    name: 'orders',
    description: 'What was bought',
    expire_days: 365,
    schema: [
      ['id', 'long'],
      ['amount', 'double'],
      ['note', 'string'],
      ['items', 'array<map<string,string>>'],
    ],
    records: [
      { time: 20, id: { $int: '9007199254740993' }, amount: 49.9, note: 'paid', items: [{ sku: 'A-1' }] },
      { time: 21, id: null, amount: { $float: 'NaN' }, note: '', items: [] },
      { time: 22, id: 7, amount: null, note: null, items: null },
    ],
  },
  { name: 'visits', generate: { recipe: 'tiny', rows: 400 } },
  { name: 'returns', schema: [['id', 'long']] },
];
/** @type {Record<'small' | 'large', TableSeed[]>} */
export const TABLES = {
  small: SMALL,
  large: [{ name: 'blobs', generate: { recipe: 'long', rows: LARGE_ROWS, size: LARGE_ROW_BYTES } }],
};

/** @type {Seed} */
const SEED = {
  accounts: [
    { name: 'origin', id: 31, site: 'us01', key: '31/e000000000000000000000000000000000000001' },
    { name: 'target', id: 32, site: 'ap01', key: '32/e000000000000000000000000000000000000002' },
  ].map(({ key, ...account }) => ({
    ...account,
    keys: [{ name: 'master', key, permission: /** @type {const} */ ('master') }],
  })),
};

/** An emulator with two accounts at two sites, and petit's real command. */
export class FaultFixture {
  /** @type {Map<string, Promise<Contents>>} */
  #sources = new Map();
  #count = 0;
  /** @type {Promise<void> | undefined} */
  #exported;

  /**
   * @param {TestEnv} env
   * @param {string} root folder of all files
   * @param {DuckDBConnection} duckdb
   */
  constructor(env, root, duckdb) {
    this.env = env;
    this.root = root;
    this.duckdb = duckdb;
    this.clones = new Clones(env, 'origin', 'target');
    this.within = new Clones(env, 'origin', 'origin');
  }

  /** @param {Record<string, TableSeed[]>} databases of the source */
  static async open(databases) {
    const env = new TestEnv(SEED, 'origin');
    env.emulator = await startEmulator({ seed: SEED });
    const fixture = new FaultFixture(
      env,
      await mkdtemp(join(tmpdir(), 'petit-faults-')),
      await DuckDBConnection.create(),
    );
    for (const [name, tables] of Object.entries(databases))
      await fixture.seedDatabase('origin', name, tables);
    return fixture;
  }

  get emulator() {
    return this.env.emulator;
  }

  /** @returns {string} an unused name */
  uniqueName() {
    this.#count += 1;
    return `copy_${this.#count}`;
  }

  /** Creates the folder of the next run. */
  async newFolder() {
    this.env.folder = join(this.root, this.uniqueName());
    await mkdir(this.env.folder);
  }

  /**
   * @param {string} account
   * @param {string} database
   * @param {TableSeed[]} tables
   */
  async seedDatabase(account, database, tables) {
    const accountSeed = SEED.accounts.find(({ name }) => name === account);
    if (!accountSeed) throw new Error(`no account ${account}`);
    await this.emulator.loadSeed({ accounts: [{ ...accountSeed, databases: [{ name: database, tables }] }] });
  }

  /**
   * The contents of a source table, which are read once.
   * @param {string} database
   * @param {string} table
   */
  sourceContents(database, table) {
    const key = `${database}.${table}`;
    const contents = this.#sources.get(key) ?? comparable(this.clones.source, database, table);
    this.#sources.set(key, contents);
    return contents;
  }

  /** @param {string} database @param {string} table @param {Clones} [clones] */
  copyContents(database, table, clones = this.clones) {
    return comparable(clones.destination, database, table);
  }

  /** Exports both databases without faults, once. */
  exportReference() {
    const run = async () => {
      await this.newFolder();
      for (const database of Object.keys(TABLES)) {
        const { code, stderr } = await this.env.td2parquet([database, '--output-dir', this.#folder]);
        assert.equal(code, 0, stderr);
      }
    };
    this.#exported ??= run();
    return this.#exported;
  }

  get #folder() {
    return join(this.root, 'reference');
  }

  /** @param {string} database @param {string} table @returns {string} the file of the export without faults */
  referenceFile(database, table) {
    return join(this.#folder, `${database}_${table}.parquet`);
  }

  /** Removes faults, restores keys and settings. */
  async reset() {
    await this.emulator.faults.clear();
    this.emulator.configure({ countLagMs: 0, jobSlots: 0, linkedExport: false });
  }

  async close() {
    this.duckdb.closeSync();
    await this.emulator.close();
    await rm(this.root, { recursive: true, force: true });
  }
}

/**
 * A table's contents without the row count of the listing, which can lag.
 * @param {Side} side
 * @param {string} database
 * @param {string} name
 */
async function comparable(side, database, name) {
  const contents = await side.contents(database, name);
  return { ...contents, table: { .../** @type {any} */ (contents.table), count: undefined } };
}
