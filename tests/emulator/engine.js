import { DuckDBInstance } from '@duckdb/node-api';
import { FUNCTIONS } from './sql/functions.js';

/**
 * The SQL engine of one account: a DuckDB in memory with a catalog `td`, a schema per database and a view per table.
 *
 * @typedef {import('@duckdb/node-api').DuckDBConnection} Connection
 */

/** Names that DuckDB keeps for itself: such databases live in a schema of another name. */
const TAKEN = new Set(['main', 'temp', 'system', 'memory', 'pg_catalog']);

/**
 * @param {string} database
 * @returns {string} its DuckDB schema
 */
export function schemaOf(database) {
  const name = database.toLowerCase();
  return TAKEN.has(name) ? `__${name}` : database;
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
    return new Engine(instance, connection);
  }

  /**
   * A connection for one job.
   * @param {string} database where names without a database are looked up
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
   * Changes the catalog: all of the statements or none, one change after another.
   * @param {string[]} statements
   */
  change(statements) {
    const changed = this.#changes.then(async () => {
      try {
        await this.connection.run(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
      } catch (error) {
        await this.connection.run('ROLLBACK').catch(() => {});
        throw error;
      }
    });
    this.#changes = changed.catch(() => {});
    return changed;
  }

  /** @returns {Promise<void>} when the changes asked for so far are made */
  settled() {
    return this.#changes;
  }

  close() {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
