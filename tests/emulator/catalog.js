import { rm } from 'node:fs/promises';
import { Database } from './database.js';
import { withDetected } from './detect.js';
import { LOGICAL_VIEWS, literal, quote, schemaOf } from './engine.js';
import { ApiError, noDatabase, noTable } from './errors.js';
import { checkName } from './names.js';
import { Table } from './table.js';

/**
 * @typedef {import('./codec.js').DataFile} DataFile
 * @typedef {import('./schema.js').Column} Column
 * @typedef {import('./table.js').Settings} Settings
 */

/** @typedef {{ database: string, name: string, table: Table, deletedAt: Date }} DeletedTable */

/** Deleted tables of more bytes cannot be recovered: the emulator frees their disk space at once. TD keeps every table for 7 days. */
const MAX_RECOVERABLE_BYTES = 64 * 2 ** 20;

/** An account's databases and tables, and the SQL views for them. Each method is one atomic change. */
export class Catalog {
  /** @type {Map<string, Database>} */
  databases = new Map();
  #nextId = 1000;
  /** @type {Set<DataFile>} files of deleted tables; running queries may still read them */
  #dropped = new Set();
  /** @type {DeletedTable[]} tables that can be recovered, oldest first */
  deletedTables = [];
  /** @type {Set<() => void>} */
  #listingTimers = new Set();

  /**
   * @param {import('./engine.js').Engine} engine
   * @param {{ countLagMs: number, anyNames: boolean, renamedId: 'kept' | 'new' | 'target', narrowTypes: boolean,
   *   listedViews: 'absent' | 'view' | 'log' }} settings delay of counts in listings, in milliseconds; whether any name is allowed
   * @param {import('./clock.js').Clock} clock
   */
  constructor(engine, settings, clock) {
    this.engine = engine;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * @param {string} name
   * @returns {Database}
   * @throws {ApiError} 404
   */
  database(name) {
    const database = this.databases.get(name);
    if (!database) throw noDatabase(name);
    return database;
  }

  /**
   * @param {string} database
   * @param {string} name
   * @returns {Table}
   */
  table(database, name) {
    return this.database(database).table(name);
  }

  /** @param {string} name */
  async createDatabase(name) {
    this.#checkName(name, 'Database');
    if (this.databases.has(name)) throw new ApiError(409, `Database ${name} already exists`);
    this.databases.set(name, new Database(this.#nextId++, name, this.clock));
    await this.engine.change([`CREATE SCHEMA td.${quote(schemaOf(name))}`]);
  }

  /** @param {string} name */
  async deleteDatabase(name) {
    const database = this.database(name);
    for (const table of database.tables.values()) this.#markDropped(table.files);
    this.databases.delete(name);
    await this.engine.change([
      `DROP SCHEMA td.${quote(schemaOf(name))} CASCADE`,
      `DELETE FROM ${LOGICAL_VIEWS} WHERE table_schema = ${literal(name)}`,
    ]);
  }

  /**
   * @param {string} database
   * @param {string} name
   * @param {Column[]} columns
   * @param {Partial<Settings>} [settings]
   * @param {DataFile[]} [files] initial records
   * @returns {Promise<Table>}
   */
  async createTable(database, name, columns, settings = {}, files = []) {
    const tables = this.database(database).tables;
    this.#checkName(name, 'Table');
    if (tables.has(name)) throw new ApiError(409, `Table ${name} already exists`);
    if (this.database(database).views.has(name)) throw new ApiError(409, `View ${name} already exists`);
    const defaults = { expireDays: null, includeV: true, detectSchema: true, description: null };
    const table = new Table(this.#nextId++, name, columns, { ...defaults, ...settings }, this.clock);
    table.files = files;
    tables.set(name, table);
    if (files.length > 0) this.#updateListing(table);
    await this.#publish([this.#viewOf(database, table)], table);
    return table;
  }

  /**
   * @param {string} database
   * @param {string} name
   */
  async deleteTable(database, name) {
    const { tables } = this.database(database);
    this.#discard(database, this.table(database, name));
    tables.delete(name);
    await this.engine.change([dropView(database, name)]);
  }

  /**
   * Brings a deleted or overwritten table back.
   * @param {number} id
   * @returns {Promise<{ database: string, name: string }>}
   * @throws {ApiError} 404, or 409 if another table has its name by now
   */
  async recoverTable(id) {
    const found = this.deletedTables.find(({ table }) => table.id === id);
    if (!found) throw noTable(String(id));
    const { database, name, table } = found;
    const { tables } = this.database(database);
    if (tables.has(name)) throw new ApiError(409, `Table ${name} already exists`);
    this.deletedTables = this.deletedTables.filter((other) => other !== found);
    table.name = name;
    tables.set(name, table);
    table.touch();
    await this.#publish([this.#viewOf(database, table)], table);
    return { database, name };
  }

  /**
   * Creates a logical view.
   * @param {string} database
   * @param {string} name
   * @param {{ text: string, sql: string, replace: boolean }} view its query as TD shows it, and in DuckDB's dialect
   */
  async createView(database, name, { text, sql, replace }) {
    const { tables, views } = this.database(database);
    if (tables.has(name)) throw new Error(`line 1:1: Table already exists: 'td.${database}.${name}'`);
    if (views.has(name) && !replace)
      throw new Error(`line 1:1: View already exists: 'td.${database}.${name}'`);
    this.#checkName(name, 'View');
    const path = `td.${quote(schemaOf(database))}.${quote(name)}`;
    // Names without a database are those of the view's own.
    const connection = await this.engine.connect(database);
    try {
      await connection.run(`CREATE OR REPLACE VIEW ${path} AS ${sql}`);
    } finally {
      connection.closeSync();
    }
    views.set(name, { id: this.#nextId++, name, text, createdAt: this.clock.date() });
    const row = ['td', database, name, text].map(literal).join(', ');
    await this.engine.change([deleteViewRow(database, name), `INSERT INTO ${LOGICAL_VIEWS} VALUES (${row})`]);
  }

  /**
   * @param {string} database
   * @param {string} name
   */
  async dropView(database, name) {
    if (!this.database(database).views.delete(name))
      throw new Error(`line 1:1: View 'td.${database}.${name}' does not exist`);
    await this.engine.change([dropView(database, name), deleteViewRow(database, name)]);
  }

  /**
   * @param {string} database
   * @param {string} from
   * @param {string} to
   * @param {boolean} overwrite whether an existing table of the new name is replaced
   */
  async renameTable(database, from, to, overwrite) {
    const { tables } = this.database(database);
    const table = this.table(database, from);
    this.#checkName(to, 'Table');
    if (from === to && overwrite) return;
    const old = tables.get(to);
    if (this.database(database).views.has(to)) throw new ApiError(409, `View ${to} already exists`);
    if (old && !overwrite) throw new ApiError(409, `Table ${to} already exists`);
    if (old) this.#discard(database, old);
    if (this.settings.renamedId === 'new') table.id = this.#nextId++;
    if (this.settings.renamedId === 'target' && old) table.id = old.id;
    tables.delete(from);
    table.name = to;
    tables.set(to, table);
    table.touch();
    await this.#publish([this.#viewOf(database, table), dropView(database, from)], table);
  }

  /**
   * @param {string} database
   * @param {string} a
   * @param {string} b
   */
  async swapTables(database, a, b) {
    const { tables } = this.database(database);
    const [first, second] = [this.table(database, a), this.table(database, b)];
    [first.name, second.name] = [b, a];
    tables.set(b, first);
    tables.set(a, second);
    first.touch();
    second.touch();
    await this.#publish([this.#viewOf(database, first), this.#viewOf(database, second)], first, second);
  }

  /**
   * @param {string} from
   * @param {string} name
   * @param {string} to
   */
  async changeDatabase(from, name, to) {
    const table = this.table(from, name);
    const target = this.database(to);
    if (target.tables.has(name)) throw new ApiError(403, `Table ${name} already exists in ${to}`);
    this.database(from).tables.delete(name);
    target.tables.set(name, table);
    table.touch();
    await this.#publish([this.#viewOf(to, table), dropView(from, name)], table);
  }

  /**
   * @param {string} database
   * @param {Table} table
   * @param {{ columns?: Column[], settings?: Partial<Settings> }} update
   */
  async updateTable(database, table, { columns, settings }) {
    Object.assign(table.settings, settings);
    if (columns) table.columns = columns;
    table.touch();
    if (columns) await this.#publish([this.#viewOf(database, table)], table);
  }

  /**
   * Adds records. Also adds columns for new keys, if the table detects its schema.
   * @param {Table} table
   * @param {DataFile[]} files
   * @param {Column[]} [columns] the new schema, instead of a detected one
   */
  async append(table, files, columns) {
    const database = this.#databaseOf(table);
    table.files = [...table.files, ...files];
    table.columns =
      columns ?? (table.settings.detectSchema ? withDetected(table.columns, files) : table.columns);
    table.touch();
    this.#updateListing(table);
    await this.#publish([this.#viewOf(database, table)], table);
  }

  /**
   * Replaces all files of a table.
   * @param {Table} table
   * @param {DataFile[]} files
   */
  async replaceFiles(table, files) {
    this.#markDropped(table.files);
    table.files = files;
    table.touch();
    this.#updateListing(table);
    await this.#publish([this.#viewOf(this.#databaseOf(table), table)], table);
  }

  /**
   * Whether this table still exists, possibly renamed.
   * @param {Table} table
   */
  contains(table) {
    return [...this.databases.values()].some((database) => database.tables.get(table.name) === table);
  }

  /**
   * Deletes the files of dropped tables.
   * @param {() => boolean} isIdle whether no query runs, which could still read them
   */
  async deleteDroppedFiles(isIdle) {
    await this.engine.settled();
    if (!isIdle()) return;
    const files = [...this.#dropped];
    this.#dropped.clear();
    await Promise.all(files.map((file) => rm(file.path, { force: true })));
  }

  close() {
    for (const cancel of this.#listingTimers) cancel();
  }

  /**
   * Makes a change visible to SQL. Increments the version again afterwards: a query that ran in between may have seen
   * either state, and its cached result must not be used for later queries.
   * @param {string[]} statements
   * @param {...Table} tables
   */
  async #publish(statements, ...tables) {
    await this.engine.change(statements);
    for (const table of tables) table.version += 1;
  }

  /**
   * @param {Table} table
   * @returns {string} the name of its database
   */
  #databaseOf(table) {
    for (const database of this.databases.values()) {
      if (database.tables.get(table.name) === table) return database.name;
    }
    throw noTable(table.name);
  }

  /**
   * @param {string} name
   * @param {string} what the kind of name, for the message
   */
  #checkName(name, what) {
    if (!this.settings.anyNames) checkName(name, what);
  }

  /**
   * @param {string} database
   * @param {Table} table
   */
  #viewOf(database, table) {
    const name = `td.${quote(schemaOf(database))}.${quote(table.name)}`;
    return `CREATE OR REPLACE VIEW ${name} AS ${table.viewSql(this.settings)}`;
  }

  /**
   * @param {string} database
   * @param {Table} table
   */
  #discard(database, table) {
    if (table.bytes > MAX_RECOVERABLE_BYTES) return this.#markDropped(table.files);
    this.deletedTables.push({ database, name: table.name, table, deletedAt: this.clock.date() });
  }

  /** @param {DataFile[]} files */
  #markDropped(files) {
    for (const file of files) this.#dropped.add(file);
  }

  /**
   * Updates the counts in listings, after the delay of the settings.
   * @param {Table} table
   */
  #updateListing(table) {
    const update = () => {
      table.listed = { count: table.count, bytes: table.bytes, at: this.clock.date() };
    };
    table.lastTime = Math.floor(this.clock.date().getTime() / 1000);
    if (this.settings.countLagMs === 0) return update();
    const cancel = this.clock.startTimer(this.settings.countLagMs, () => {
      this.#listingTimers.delete(cancel);
      update();
    });
    this.#listingTimers.add(cancel);
  }
}

/**
 * @param {string} database
 * @param {string} name
 */
function dropView(database, name) {
  return `DROP VIEW td.${quote(schemaOf(database))}.${quote(name)}`;
}

/**
 * @param {string} database
 * @param {string} name
 */
function deleteViewRow(database, name) {
  const [schema, view] = [database, name].map(literal);
  return `DELETE FROM ${LOGICAL_VIEWS} WHERE table_schema = ${schema} AND table_name = ${view}`;
}
