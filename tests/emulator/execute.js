import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAllowed } from './accounts.js';
import { literal, quote, schemaOf } from './engine.js';
import { sqlName, withAliases } from './schema.js';
import { rewrite } from './sql/rewrite.js';
import { nameColumns, parseStatements } from './sql/statements.js';
import { duckType } from './sql/types.js';
import { explain } from './sql-errors.js';
import { sqlTypeName, storedOf, tdTypeOf, toTable, toWire } from './sql-types.js';
import { printTdType } from './td-types.js';

/**
 * Runs a query job: Presto (Trino) or Hive SQL, one statement or several.
 *
 * @typedef {import('./accounts.js').Account} Account
 * @typedef {import('./accounts.js').Key} Key
 * @typedef {import('./jobs.js').Outcome} Outcome
 * @typedef {import('./engine.js').Connection} Connection
 * @typedef {import('@duckdb/node-api').DuckDBType} DuckDBType
 * @typedef {import('./sql/statements.js').Statement} Statement
 * @typedef {import('./sql/tokens.js').Token} Token
 */

/** Queries with these words give other rows each time. */
const VOLATILE =
  /\b(now|random|rand|uuid|current_\w+|localtime\w*|td_scheduled_time|td_interval|information_schema)\b/i;

/** @returns {Outcome} of a statement that has no rows */
const nothing = (inserted = /** @type {number | null} */ (null)) => ({
  result: null,
  numRecords: null,
  schema: null,
  inserted,
});

export class QueryRun {
  #files = 0;

  /**
   * @param {Account} account
   * @param {Key} key whose rights the job has
   * @param {import('./results.js').Results} results
   * @param {{ type: string, database: string, query: string, id: string, scheduledTime: number }} job
   */
  constructor(account, key, results, job) {
    this.account = account;
    this.key = key;
    this.results = results;
    this.job = job;
    /** @type {'presto' | 'hive'} */
    this.dialect = job.type === 'hive' ? 'hive' : 'presto';
    this.now = Math.floor(Date.now() / 1000);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Outcome>} of the last statement
   */
  async run(signal) {
    const connection = await this.account.engine.connect(this.job.database);
    const interrupt = () => connection.interrupt();
    signal.addEventListener('abort', interrupt);
    try {
      let outcome = nothing();
      for (const statement of parseStatements(this.job.query, this.dialect)) {
        // One snapshot for a statement: tables may be replaced between looking at its columns and reading its rows.
        await connection.run('BEGIN');
        outcome = await this.#statement(connection, statement, signal);
        await connection.run('COMMIT');
        signal.throwIfAborted();
      }
      return outcome;
    } catch (error) {
      throw explain(error, this.job);
    } finally {
      signal.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  /**
   * @param {Connection} connection
   * @param {Statement} statement
   * @param {AbortSignal} signal
   * @returns {Promise<Outcome>}
   */
  async #statement(connection, statement, signal) {
    if (statement.kind === 'select') return this.#select(connection, statement.query, signal);
    const database = statement.name.database ?? this.job.database;
    if (!isAllowed(this.key, 'write', database)) {
      throw new Error(`Access Denied: Cannot ${statement.kind} table ${database}.${statement.name.table}`);
    }
    const target = { database, name: statement.name.table };
    switch (statement.kind) {
      case 'create':
        return this.#create(target, statement);
      case 'ctas':
        return this.#createAs(connection, target, statement);
      case 'insert':
        return this.#insert(connection, target, statement);
      case 'drop':
        return this.#drop(target, statement.ifExists);
      case 'delete':
        return this.#delete(connection, target, statement.where);
    }
  }

  /**
   * @param {Connection} connection
   * @param {Token[]} query
   * @param {AbortSignal} signal
   * @returns {Promise<Outcome>}
   */
  async #select(connection, query, signal) {
    const { sql, names, types, literals } = await this.#prepare(connection, query);
    const columns = types.map((type, place) => `${toWire(`c${place}`, type)} AS c${place}`);
    const rows = `SELECT ${columns.join(', ')} FROM (${sql}) AS q(${types.map((_, place) => `c${place}`).join(', ')})`;
    const spool = await this.results.spool(
      { write: (file) => connection.run(copyTo(rows, file)), cacheKey: this.#cacheKey(sql, query) },
      signal,
    );
    const schema = names.map((name, place) => {
      const text = literals[place];
      const type = /** @type {DuckDBType} */ (types[place]);
      const sized = this.dialect === 'presto' && text !== null && text !== undefined;
      return [name, sized ? `varchar(${[...text].length})` : sqlTypeName(type, this.dialect)];
    });
    return { result: spool, numRecords: spool.rows, schema: printResultSchema(schema), inserted: null };
  }

  /**
   * @param {Connection} connection
   * @param {Token[]} query
   */
  async #prepare(connection, query) {
    const sql = rewrite(query, { scheduledTime: this.job.scheduledTime }).trim();
    const prepared = await connection.prepare(sql);
    try {
      const places = [...Array(prepared.columnCount).keys()];
      const types = places.map((place) => prepared.columnType(place));
      return {
        sql,
        types,
        ...nameColumns(
          query,
          places.map((place) => prepared.columnName(place)),
          this.dialect,
        ),
      };
    } finally {
      prepared.destroySync();
    }
  }

  /**
   * The same for the same SQL over the same state of every table that it could mean.
   * @param {string} sql
   * @param {Token[]} query
   */
  #cacheKey(sql, query) {
    if (VOLATILE.test(sql)) return null;
    const names = new Set(query.map((token) => token.value.toLowerCase()));
    const versions = [...this.account.catalog.databases.values()].flatMap((database) =>
      [...database.tables.values()]
        .filter((table) => names.has(table.name))
        .map((table) => `${database.name}.${table.id}.${table.version}`),
    );
    return JSON.stringify([this.job.database, this.dialect, sql, versions]);
  }

  /**
   * @param {{ database: string, name: string }} target
   * @param {Extract<Statement, { kind: 'create' }>} statement
   */
  async #create({ database, name }, { ifNotExists, columns }) {
    if (this.#exists(database, name, ifNotExists)) return nothing();
    const connection = await this.account.engine.connect(database);
    try {
      const items = columns
        .filter((column) => column.name !== 'time')
        .map((column) => `CAST(NULL AS ${duckType(column.type)}) AS ${quote(column.name)}`);
      const { types } = await this.#describe(connection, `SELECT ${items.join(', ') || '1'}`);
      const named = columns.filter((column) => column.name !== 'time');
      const schema = named.map((column, place) =>
        newColumn(column.name, /** @type {DuckDBType} */ (types[place])),
      );
      await this.account.catalog.createTable(database, name, withAliases(schema));
      return nothing();
    } finally {
      connection.closeSync();
    }
  }

  /** @param {Connection} connection @param {string} sql */
  async #describe(connection, sql) {
    const prepared = await connection.prepare(sql);
    const types = [...Array(prepared.columnCount).keys()].map((place) => prepared.columnType(place));
    prepared.destroySync();
    return { types };
  }

  /**
   * @param {Connection} connection
   * @param {{ database: string, name: string }} target
   * @param {Extract<Statement, { kind: 'ctas' }>} statement
   */
  async #createAs(connection, { database, name }, { ifNotExists, query }) {
    if (this.#exists(database, name, ifNotExists)) return nothing(0);
    this.account.catalog.database(database);
    const prepared = await this.#prepare(connection, query);
    for (const [place, column] of prepared.names.entries()) {
      if (/^_c(ol)?\d+$/.test(column))
        throw new Error(`line 1:1: Column name not specified at position ${place + 1}`);
    }
    const file = await this.#writeRows(connection, prepared, prepared.names);
    const columns = prepared.names.flatMap((column, place) =>
      column === 'time' ? [] : [newColumn(column, /** @type {DuckDBType} */ (prepared.types[place]))],
    );
    await this.account.catalog.createTable(
      database,
      name,
      withAliases(columns),
      {},
      file.rows > 0 ? [file] : [],
    );
    return nothing(file.rows);
  }

  /**
   * INSERT goes by place, or by the given list of names; a query column called `time` is always the time. Columns beyond
   * the table's are added to it under the query's names, as TD does on a table without a schema.
   * @param {Connection} connection
   * @param {{ database: string, name: string }} target
   * @param {Extract<Statement, { kind: 'insert' }>} statement
   */
  async #insert(connection, { database, name }, { columns: listed, overwrite, query }) {
    const table = this.account.catalog.table(database, name);
    const prepared = await this.#prepare(connection, query);
    if (listed && listed.length !== prepared.names.length) {
      throw new Error(
        `line 1:1: Insert query has ${prepared.names.length} expressions but expected ${listed.length}`,
      );
    }
    const targets = (listed ?? prepared.names).map((column) => column.toLowerCase());
    const { keys, added } = placeColumns(table.columns, targets, prepared.types, listed !== null);
    const file = await this.#writeRows(connection, prepared, keys);
    const schema = withAliases([...table.columns, ...added]);
    const { catalog } = this.account;
    if (overwrite) await catalog.replaceFiles(table, file.rows > 0 ? [file] : []);
    else if (file.rows > 0) await catalog.append(table, [file], schema);
    return nothing(file.rows);
  }

  /**
   * @param {{ database: string, name: string }} target
   * @param {boolean} ifExists
   */
  async #drop({ database, name }, ifExists) {
    const { catalog } = this.account;
    if (ifExists && !catalog.databases.get(database)?.tables.has(name)) return nothing();
    await catalog.deleteTable(database, name);
    return nothing();
  }

  /**
   * Keeps the rows that the condition does not hold for. What the schema does not show is lost.
   * @param {Connection} connection
   * @param {{ database: string, name: string }} target
   * @param {Token[]} where
   */
  async #delete(connection, { database, name }, where) {
    const table = this.account.catalog.table(database, name);
    if (where.length === 0) {
      await this.account.catalog.replaceFiles(table, []);
      return nothing();
    }
    const condition = rewrite(where, { scheduledTime: this.job.scheduledTime });
    const from = `td.${quote(schemaOf(database))}.${quote(name)}`;
    const sql = `SELECT * FROM ${from} WHERE (${condition}) IS NOT TRUE`;
    const { types } = await this.#describe(connection, sql);
    const file = await this.#writeRows(connection, { sql, types }, [
      ...table.columns.map((one) => one.key),
      'time',
    ]);
    await this.account.catalog.replaceFiles(table, file.rows > 0 ? [file] : []);
    return nothing();
  }

  /**
   * @param {string} database
   * @param {string} name
   * @param {boolean} ifNotExists
   */
  #exists(database, name, ifNotExists) {
    const exists = this.account.catalog.database(database).tables.has(name);
    if (exists && !ifNotExists)
      throw new Error(`line 1:1: Destination table 'td-presto.${database}.${name}' already exists`);
    return exists;
  }

  /**
   * Writes a query's rows as a table's file.
   * @param {Connection} connection
   * @param {{ sql: string, types: DuckDBType[] }} query
   * @param {string[]} keys of its columns
   * @returns {Promise<import('./codec.js').DataFile>}
   */
  async #writeRows(connection, { sql, types }, keys) {
    const path = join(this.account.folder, `job${this.job.id}-${this.#files++}.parquet`);
    const names = types.map((_, place) => `q${place}`).join(', ');
    const columns = [];
    const items = [];
    for (const [place, type] of types.entries()) {
      const key = /** @type {string} */ (keys[place]);
      const value =
        key === 'time' ? `COALESCE(CAST(q${place} AS BIGINT), ${this.now})` : toTable(`q${place}`, type);
      columns.push({ key, column: `c${place}`, stored: key === 'time' ? 'int' : storedOf(tdTypeOf(type)) });
      items.push(`${value} AS c${place}`);
    }
    if (!keys.includes('time')) {
      columns.push({ key: 'time', column: 't', stored: 'int' });
      items.push(`CAST(${this.now} AS BIGINT) AS t`);
    }
    const result = await connection.run(
      copyTo(`SELECT ${items.join(', ')} FROM (${sql}) AS q(${names})`, path),
    );
    const rows = Number((await result.getRows())[0]?.[0] ?? 0);
    const typed = /** @type {import('./codec.js').DataFile['columns']} */ (columns);
    return { path, rows, bytes: (await stat(path)).size, columns: typed };
  }
}

/**
 * @param {import('./schema.js').Column[]} columns the table's
 * @param {string[]} names the query's columns, or the list after the table's name
 * @param {DuckDBType[]} types the query's
 * @param {boolean} byName
 */
function placeColumns(columns, names, types, byName) {
  // By place the table's columns are those of its schema, then time.
  const slots = byName || names.includes('time') ? columns : [...columns, null];
  const known = new Map(columns.map((column) => [sqlName(column), column]));
  const added = [];
  const keys = [];
  let slot = 0;
  for (const [place, name] of names.entries()) {
    const target = name === 'time' ? null : byName ? known.get(name) : slots[slot++];
    // A table without a schema takes the query's columns as its own.
    const isNew = target === undefined || (target === null && name !== 'time' && columns.length === 0);
    if (isNew) added.push(newColumn(name, /** @type {DuckDBType} */ (types[place])));
    keys.push(isNew ? name : (target?.key ?? 'time'));
  }
  return { keys, added };
}

/**
 * @param {string} select
 * @param {string} file
 */
function copyTo(select, file) {
  return `COPY (${select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION uncompressed)`;
}

/**
 * @param {string} key
 * @param {DuckDBType} type
 * @returns {import('./schema.js').Column}
 */
function newColumn(key, type) {
  return { key, type: printTdType(tdTypeOf(type)), alias: null, description: null };
}

/**
 * `[["cnt", "bigint"]]`, with blanks after commas as TD writes it.
 * @param {string[][]} schema
 */
export function printResultSchema(schema) {
  return `[${schema.map((pair) => `[${pair.map((text) => JSON.stringify(text)).join(', ')}]`).join(', ')}]`;
}
