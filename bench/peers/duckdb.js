// Converts a file with DuckDB: node duckdb.js FROM TO, from csv.gz to Parquet with zstd, or from Parquet to csv.gz.
import { DuckDBInstance } from '@duckdb/node-api';

const [from = '', to = ''] = process.argv.slice(2);
const literal = (/** @type {string} */ text) => `'${text.replaceAll("'", "''")}'`;
const format = to.endsWith('.parquet')
  ? 'FORMAT parquet, COMPRESSION zstd'
  : 'FORMAT csv, HEADER, COMPRESSION gzip';
const reader = from.endsWith('.parquet') ? 'read_parquet' : 'read_csv';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
try {
  await connection.run(`COPY (FROM ${reader}(${literal(from)})) TO ${literal(to)} (${format})`);
} finally {
  connection.closeSync();
}
