import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { quote, schemaOf } from './engine.js';
import { copyTo, describe, prepare } from './prepare.js';
import { sqlName, withAliases } from './schema.js';
import { rewrite } from './sql/rewrite.js';
import { join as joinTokens } from './sql/tokens.js';
import { duckType } from './sql/types.js';
import { storedOf, tdTypeOf, toTable } from './sql-types.js';
import { printTdType } from './td-types.js';

/**
 * Executes statements that change tables. The rows of a query become a new file of the table.
 *
 * @typedef {import('./codec.js').DataFile} DataFile
 * @typedef {import('./schema.js').Column} Column
 * @typedef {import('@duckdb/node-api').DuckDBType} DuckDBType
 * @typedef {import('./sql/statements.js').Statement} Statement
 * @typedef {{ database: string, name: string }} Target
 */

export class TableWriter {
  #files = 0;

  /**
   * @param {import('./accounts.js').Account} account
   * @param {import('./engine.js').Connection} connection
   * @param {import('./prepare.js').Context} context
   * @param {string} label prefix of the names of new files
   * @param {number} [lagMs] delay until added rows are visible, in milliseconds; default 0
   */
  constructor(account, connection, context, label, lagMs = 0) {
    this.account = account;
    this.catalog = account.catalog;
    this.connection = connection;
    this.context = context;
    this.label = label;
    this.lagMs = lagMs;
    this.now = Math.floor(Date.now() / 1000);
  }

  /**
   * @param {Target} target
   * @param {Exclude<Statement, { kind: 'select' }>} statement
   * @returns {Promise<number | null>} number of inserted rows; null for statements that insert none
   */
  async write(target, statement) {
    switch (statement.kind) {
      case 'create':
        return this.#create(target, statement);
      case 'ctas':
        return this.#createAs(target, statement);
      case 'insert':
        return this.#insert(target, statement);
      case 'create_view':
        return this.#createView(target, statement);
      case 'drop_view':
        return this.#dropView(target, statement.ifExists);
      case 'drop':
        return this.#drop(target, statement.ifExists);
      case 'delete':
        return this.#delete(target, statement.where);
    }
  }

  /**
   * @param {Target} target
   * @param {Extract<Statement, { kind: 'create' }>} statement
   */
  async #create(target, { ifNotExists, columns }) {
    if (this.#exists(target, ifNotExists)) return null;
    const named = columns.filter((column) => column.name !== 'time');
    const items = named.map((column) => `CAST(NULL AS ${duckType(column.type)})`);
    const { types } = await describe(this.connection, `SELECT ${items.join(', ') || '1'}`);
    const schema = named.map((column, index) => newColumn(column.name, types[index]));
    await this.catalog.createTable(target.database, target.name, withAliases(schema));
    return null;
  }

  /**
   * @param {Target} target
   * @param {Extract<Statement, { kind: 'ctas' }>} statement
   */
  async #createAs(target, { ifNotExists, query }) {
    if (this.#exists(target, ifNotExists)) return 0;
    const prepared = await prepare(this.connection, query, this.context);
    const nameless = prepared.names.findIndex((name) => /^_c(ol)?\d+$/.test(name));
    if (nameless >= 0) throw new Error(`line 1:1: Column name not specified at position ${nameless + 1}`);
    const files = await this.writeRows(prepared, prepared.names);
    const columns = prepared.names.flatMap((name, index) =>
      name === 'time' ? [] : [newColumn(name, prepared.types[index])],
    );
    await this.catalog.createTable(target.database, target.name, withAliases(columns), {}, files);
    return countRows(files);
  }

  /**
   * INSERT assigns columns by position, or by the list of names. A query column named `time` is always the time.
   * @param {Target} target
   * @param {Extract<Statement, { kind: 'insert' }>} statement
   */
  async #insert({ database, name }, { columns: listed, overwrite, query }) {
    const table = this.catalog.table(database, name);
    const prepared = await prepare(this.connection, query, this.context);
    if (listed && listed.length !== prepared.names.length) {
      const counts = `${prepared.names.length} expressions but expected ${listed.length}`;
      throw new Error(`line 1:1: Insert query has ${counts}`);
    }
    const names = (listed ?? prepared.names).map((column) => column.toLowerCase());
    const { keys, added } = matchColumns(table.columns, names, prepared.types, listed !== null);
    const files = await this.writeRows(prepared, keys);
    if (overwrite) await this.catalog.replaceFiles(table, files);
    else if (files.length > 0) {
      await this.add(this.catalog, table, files, withAliases([...table.columns, ...added]));
    }
    return countRows(files);
  }

  /**
   * @param {Target} target
   * @param {Extract<Statement, { kind: 'create_view' }>} statement
   */
  async #createView({ database, name }, { replace, query }) {
    const { sql } = await prepare(this.connection, query, this.context);
    await this.catalog.createView(database, name, { text: joinTokens(query).trim(), sql, replace });
    return null;
  }

  /**
   * @param {Target} target
   * @param {boolean} ifExists
   */
  async #dropView({ database, name }, ifExists) {
    if (!ifExists || this.catalog.databases.get(database)?.views.has(name))
      await this.catalog.dropView(database, name);
    return null;
  }

  /**
   * Adds files to a table, after the delay.
   * @param {import('./catalog.js').Catalog} catalog
   * @param {import('./table.js').Table} table
   * @param {DataFile[]} files
   * @param {Column[]} columns
   */
  async add(catalog, table, files, columns) {
    if (this.lagMs === 0) return catalog.append(table, files, columns);
    setTimeout(() => catalog.contains(table) && catalog.append(table, files, columns), this.lagMs).unref();
  }

  /**
   * @param {Target} target
   * @param {boolean} ifExists
   */
  async #drop({ database, name }, ifExists) {
    const exists = this.catalog.databases.get(database)?.tables.has(name);
    if (exists || !ifExists) await this.catalog.deleteTable(database, name);
    return null;
  }

  /**
   * Keeps the rows for which the condition is not true. Values outside the schema are lost.
   * @param {Target} target
   * @param {import('./sql/tokens.js').Token[]} where
   */
  async #delete({ database, name }, where) {
    const table = this.catalog.table(database, name);
    if (where.length === 0) {
      await this.catalog.replaceFiles(table, []);
      return null;
    }
    const from = `td.${quote(schemaOf(database))}.${quote(name)}`;
    const sql = `SELECT * FROM ${from} WHERE (${rewrite(where, this.context)}) IS NOT TRUE`;
    const { types } = await describe(this.connection, sql);
    const keys = [...table.columns.map((column) => column.key), 'time'];
    await this.catalog.replaceFiles(table, await this.writeRows({ sql, types }, keys));
    return null;
  }

  /**
   * @param {Target} target
   * @param {boolean} ifNotExists
   */
  #exists({ database, name }, ifNotExists) {
    const exists = this.catalog.database(database).tables.has(name);
    if (!exists || ifNotExists) return exists;
    throw new Error(`line 1:1: Destination table 'td-presto.${database}.${name}' already exists`);
  }

  /**
   * Writes a query's rows to a file of a table. Rows without a time get the time of the query.
   * @param {{ sql: string, types: DuckDBType[] }} query
   * @param {string[]} keys of the query's columns
   * @param {string} [folder] folder of the table's account
   * @returns {Promise<DataFile[]>} empty if there are no rows
   */
  async writeRows({ sql, types }, keys, folder = this.account.folder) {
    const path = join(folder, `${this.label}-${this.#files++}.parquet`);
    /** @type {DataFile['columns']} */
    const columns = [];
    const items = [];
    for (const [index, type] of types.entries()) {
      const key = keys[index] ?? '';
      const isTime = key === 'time';
      const value = isTime ? `COALESCE(CAST(q${index} AS BIGINT), ${this.now})` : toTable(`q${index}`, type);
      columns.push({ key, column: `c${index}`, stored: isTime ? 'int' : storedOf(tdTypeOf(type)) });
      items.push(`${value} AS c${index}`);
    }
    if (!keys.includes('time')) {
      columns.push({ key: 'time', column: 't', stored: 'int' });
      items.push(`CAST(${this.now} AS BIGINT) AS t`);
    }
    const names = types.map((_, index) => `q${index}`).join(', ');
    const copy = copyTo(`SELECT ${items.join(', ')} FROM (${sql}) AS q(${names})`, path);
    const result = await this.connection.runAndReadAll(copy);
    const rows = Number(result.getRows()[0]?.[0] ?? 0);
    return rows === 0 ? [] : [{ path, rows, bytes: (await stat(path)).size, columns }];
  }
}

/**
 * Maps a query's columns to keys of the table. As in TD, a table without a schema gets new columns with the query's names.
 *
 * @param {Column[]} columns the table's
 * @param {string[]} names of the query's columns, or the list after the table's name
 * @param {DuckDBType[]} types of the query's columns
 * @param {boolean} byName
 */
function matchColumns(columns, names, types, byName) {
  // By position, the table's columns are those of its schema, then time.
  const slots = byName || names.includes('time') || columns.length === 0 ? columns : [...columns, null];
  const known = new Map(columns.map((column) => [sqlName(column), column]));
  const added = [];
  const keys = [];
  let slot = 0;
  for (const [index, name] of names.entries()) {
    const target = name === 'time' ? null : byName ? known.get(name) : slots[slot++];
    if (target === undefined) added.push(newColumn(name, types[index]));
    keys.push(target === undefined ? name : (target?.key ?? 'time'));
  }
  return { keys, added };
}

/**
 * Maps a result's columns to keys of the table: by key, then by SQL name. Otherwise the column is new.
 *
 * @param {Column[]} columns the table's
 * @param {import('./prepare.js').Prepared} prepared
 */
export function matchByKey(columns, { names, types }) {
  const added = [];
  const keys = [];
  for (const [index, name] of names.entries()) {
    const known =
      columns.find((column) => column.key === name) ?? columns.find((column) => sqlName(column) === name);
    if (!known && name !== 'time') added.push(newColumn(name, types[index]));
    keys.push(known?.key ?? name);
  }
  return { keys, added };
}

/** @param {DataFile[]} files */
const countRows = (files) => files.reduce((sum, file) => sum + file.rows, 0);

/**
 * @param {string} key
 * @param {DuckDBType | undefined} type
 * @returns {Column}
 */
function newColumn(key, type) {
  return { key, type: type ? printTdType(tdTypeOf(type)) : 'string', alias: null, description: null };
}
