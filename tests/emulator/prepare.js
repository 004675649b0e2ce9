import { literal } from './engine.js';
import { rewrite } from './sql/rewrite.js';
import { nameColumns } from './sql/statements.js';

/**
 * @typedef {import('./engine.js').Connection} Connection
 * @typedef {import('@duckdb/node-api').DuckDBType} DuckDBType
 * @typedef {{ dialect: 'presto' | 'hive', scheduledTime: number }} Context
 *
 * @typedef {object} Prepared
 * @property {string} sql in DuckDB's dialect
 * @property {DuckDBType[]} types
 * @property {string[]} names as TD names the columns
 * @property {(string | null)[]} literals the text of columns that are string literals, null for others
 */

/**
 * Translates a query and describes its columns, without running it.
 * @param {Connection} connection
 * @param {import('./sql/tokens.js').Token[]} query
 * @param {Context} context
 * @returns {Promise<Prepared>}
 */
export async function prepare(connection, query, context) {
  const sql = rewrite(query, context).trim();
  const { types, names } = await describe(connection, sql);
  return { sql, types, ...nameColumns(query, names, context.dialect) };
}

/**
 * @param {Connection} connection
 * @param {string} sql in DuckDB's dialect
 * @returns {Promise<{ types: DuckDBType[], names: string[] }>}
 */
export async function describe(connection, sql) {
  const prepared = await connection.prepare(sql);
  try {
    const indexes = [...Array(prepared.columnCount).keys()];
    const types = indexes.map((index) => prepared.columnType(index));
    return { types, names: indexes.map((index) => prepared.columnName(index)) };
  } finally {
    prepared.destroySync();
  }
}

/**
 * The statement that writes the rows of a query to a Parquet file.
 * @param {string} select
 * @param {string} file
 */
export function copyTo(select, file) {
  return `COPY (${select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION uncompressed)`;
}
