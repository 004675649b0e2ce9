import { literal } from './engine.js';
import { rewrite } from './sql/rewrite.js';
import { nameColumns } from './sql/statements.js';

/**
 * @typedef {import('./engine.js').Connection} Connection
 * @typedef {import('@duckdb/node-api').DuckDBType} DuckDBType
 * @typedef {{ dialect: 'presto' | 'hive', scheduledTime: number }} Context
 *
 * @typedef {object} Prepared
 * @property {string} sql DuckDB's
 * @property {DuckDBType[]} types
 * @property {string[]} names as TD calls the columns
 * @property {(string | null)[]} literals the text of columns that are nothing but a string
 */

/**
 * Looks at a query's columns without running it.
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
 * @param {string} sql DuckDB's
 * @returns {Promise<{ types: DuckDBType[], names: string[] }>}
 */
export async function describe(connection, sql) {
  const prepared = await connection.prepare(sql);
  try {
    const places = [...Array(prepared.columnCount).keys()];
    const types = places.map((place) => prepared.columnType(place));
    return { types, names: places.map((place) => prepared.columnName(place)) };
  } finally {
    prepared.destroySync();
  }
}

/**
 * @param {string} select
 * @param {string} file
 */
export function copyTo(select, file) {
  return `COPY (${select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION uncompressed)`;
}
