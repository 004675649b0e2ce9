import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as hyparquet from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { decimal, takeDecimals } from '../../www/parquet/values.js';
import { binary, float, integer, mapOf } from './values.js';

/**
 * Parquet readers other than petit, with values in one form: see values.js.
 *
 * @typedef {import('./values.js').Value} Value
 * @typedef {import('hyparquet').SchemaTree} SchemaTree
 * @typedef {'pyarrow' | 'duckdb' | 'hyparquet'} Reader
 *
 * @typedef {object} ParquetContents
 * @property {string[]} columns
 * @property {string[]} types as the reader names them
 * @property {number[]} rowGroups rows per row group
 * @property {Record<string, string>} metadata
 * @property {Value[][]} rows
 */

/** @type {Reader[]} */
export const READERS = ['pyarrow', 'duckdb', 'hyparquet'];

const MAX_OUTPUT_BYTES = 2 ** 28;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @param {Reader} reader
 * @param {string} path
 * @returns {Promise<ParquetContents>}
 */
export function readParquet(reader, path) {
  if (reader !== 'hyparquet') return withPython(reader, path);
  return readWithHyparquet(path, { ...hyparquet, compressors });
}

/**
 * @param {Reader} reader
 * @param {string} path
 * @returns {Promise<ParquetContents>}
 */
async function withPython(reader, path) {
  const python = `${ROOT}.venv/bin/python`;
  const script = `${ROOT}tests/support/read_parquet.py`;
  const options = { maxBuffer: MAX_OUTPUT_BYTES };
  const { stdout } = await promisify(execFile)(python, [script, reader, path], options);
  const { columns, types, row_groups: rowGroups, metadata, rows } = JSON.parse(stdout);
  return { columns, types, rowGroups, metadata, rows: rows.map(sorted) };
}

/** Sorts every map by its keys. @param {any} value @returns {any} */
export function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  if ('map' in value) return mapOf(value.map.map(sorted));
  const fields = Object.entries(value.row).map(([name, field]) => [name, sorted(field)]);
  return { row: Object.fromEntries(fields) };
}

/** Converts hyparquet's times without losing digits. */
const PARSERS = {
  timestampFromMilliseconds: (/** @type {bigint} */ count) => time(count * 1000n),
  timestampFromMicroseconds: (/** @type {bigint} */ count) => time(count),
  dateFromDays: (/** @type {number} */ days) => `d:${new Date(days * 86_400_000).toISOString().slice(0, 10)}`,
};

/** @param {bigint} micros since 1970 @returns {string} in Python's form */
function time(micros) {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19).replace('T', ' ');
  return `d:${text}${fraction ? `.${String(fraction).padStart(6, '0')}` : ''}`;
}

/**
 * @typedef {Pick<typeof hyparquet, 'parquetMetadataAsync' | 'parquetRead' | 'parquetSchema'>} Hyparquet
 *
 * @param {string} path
 * @param {Hyparquet & { compressors: typeof compressors }} library of any version
 * @returns {Promise<ParquetContents>}
 */
export async function readWithHyparquet(path, library) {
  const { parquetMetadataAsync, parquetRead, parquetSchema, compressors } = library;
  const { buffer, byteOffset, byteLength } = await readFile(path);
  const file = /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength));
  const metadata = await parquetMetadataAsync(file);
  const { children } = parquetSchema(metadata);
  const decimals = takeDecimals(metadata);
  /** @type {any[][]} */
  let rows = [];
  await parquetRead({
    ...{ file, metadata, compressors, parsers: PARSERS, utf8: false },
    onComplete: (/** @type {any[][]} */ read) => {
      rows = read;
    },
  });
  return {
    columns: children.map(({ element }) => element.name),
    types: children.map(({ element }) => element.type ?? element.converted_type ?? 'row'),
    rowGroups: metadata.row_groups.map((group) => Number(group.num_rows)),
    metadata: Object.fromEntries(
      (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']),
    ),
    rows: rows.map((row) => children.map((column, place) => valueOfHyparquet(row[place], column, decimals))),
  };
}

/**
 * @param {any} value
 * @param {SchemaTree} node
 * @param {Map<object, number>} decimals
 * @returns {Value}
 */
function valueOfHyparquet(value, node, decimals) {
  if (value === null || value === undefined) return null;
  const { element, children } = node;
  const { converted_type: converted, type } = element;
  const scale = decimals.get(element);
  if (scale !== undefined) return `d:${decimal(value, scale)}`;
  if (converted === 'LIST') {
    const items = /** @type {SchemaTree} */ (children[0]?.children[0]);
    return value.map((/** @type {unknown} */ item) => valueOfHyparquet(item, items, decimals));
  }
  if (converted === 'MAP') {
    const [keys, values] = /** @type {[SchemaTree, SchemaTree]} */ (children[0]?.children ?? []);
    // hyparquet's maps are objects, so all of their keys are text.
    const entries = Object.entries(value).map(([key, item]) => [
      keys.element.type === 'BYTE_ARRAY' ? `s:${key}` : integer(BigInt(key)),
      valueOfHyparquet(item, values, decimals),
    ]);
    return mapOf(/** @type {[Value, Value][]} */ (entries));
  }
  if (children.length > 0) {
    const fields = children.map((child) => [
      child.element.name,
      valueOfHyparquet(value[child.element.name], child, decimals),
    ]);
    return { row: Object.fromEntries(fields) };
  }
  if (typeof value === 'boolean') return value;
  if (value instanceof Uint8Array) return binary(value);
  if (typeof value === 'string') return value.startsWith('d:') && converted !== 'UTF8' ? value : `s:${value}`;
  return type === 'FLOAT' || type === 'DOUBLE' ? float(value) : integer(value);
}
