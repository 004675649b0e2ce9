import { DuckDBInstance } from '@duckdb/node-api';
import { FUNCTIONS } from './sql/functions.js';
import { xxhash64Function } from './sql/xxhash64.js';

/**
 * The SQL engine of an account: an in-memory DuckDB with a catalog `td`, a schema per database and a view per table.
 *
 * @typedef {import('@duckdb/node-api').DuckDBConnection} Connection
 */

/** The table that stands for `information_schema.views`: in DuckDB, each of TD's tables is a view. */
export const LOGICAL_VIEWS = 'td.__functions.__logical_views';

/** Names that DuckDB reserves. Databases with these names are in a schema of another name. */
const RESERVED = new Set(['main', 'temp', 'system', 'memory', 'pg_catalog']);

/**
 * @param {string} database
 * @returns {string} its DuckDB schema
 */
export function schemaOf(database) {
  const name = database.toLowerCase();
  return RESERVED.has(name) ? `__${name}` : database;
}

/** @param {string} name */
export const quote = (name) => `"${name.replaceAll('"', '""')}"`;

/** @param {string} text */
export const literal = (text) => `'${text.replaceAll("'", "''")}'`;

export class Engine {
  /** @type {Promise<void>} */
  #changes = Promise.resolve();

  /**
   * @param {DuckDBInstance} instance
   * @param {Connection} connection
   */
  constructor(instance, connection) {
    this.instance = instance;
    this.connection = connection;
  }

  /** @param {number} threads for each query */
  static async open(threads) {
    const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
    const connection = await instance.connect();
    await connection.run(`ATTACH ':memory:' AS td; USE td; CREATE SCHEMA __functions; USE td.__functions`);
    for (const sql of FUNCTIONS) await connection.run(sql);
    connection.registerScalarFunction(xxhash64Function());
    await connection.run(`CREATE TABLE ${LOGICAL_VIEWS} (table_catalog VARCHAR, table_schema VARCHAR,
      table_name VARCHAR, view_definition VARCHAR)`);
    return new Engine(instance, connection);
  }

  /**
   * Opens a connection for a job.
   * @param {string} database for names without a database
   * @returns {Promise<Connection>}
   */
  async connect(database) {
    const connection = await this.instance.connect();
    const path = `td.${quote(schemaOf(database))},td.__functions`;
    await connection.run(
      `SET search_path = ${literal(path)}; SET integer_division = true; SET TimeZone = 'UTC';
       SET preserve_insertion_order = true`,
    );
    return connection;
  }

  /**
   * Changes the catalog in a transaction. Changes are made one after another.
   * @param {string[]} statements
   */
  change(statements) {
    const change = this.#changes.then(async () => {
      try {
        await this.connection.run(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
      } catch (error) {
        await this.connection.run('ROLLBACK').catch(() => {});
        throw error;
      }
    });
    this.#changes = change.catch(() => {});
    return change;
  }

  /** @returns {Promise<void>} resolves after all changes requested so far */
  settled() {
    return this.#changes;
  }

  close() {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
