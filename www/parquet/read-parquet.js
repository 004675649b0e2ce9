// Reads the footer and the first rows of a Parquet file. Runs in the worker.
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describeSchema, PetitError } from '../../pkg-scripts/browser.js';
import { PARSERS, takeDecimals, textOf } from './values.js';

/** @import { FileMetaData, SchemaElement } from 'hyparquet' */

/** The number of rows that are shown. */
export const FIRST_ROWS = 100;
/** Prefix of the keys under which petit stores the origin of a file in the footer's key-value metadata. */
const KEY_PREFIX = 'td.';
/** Keys of schemas. They are shown column by column instead. */
const SCHEMA_KEYS = ['result_schema', 'table_schema'];

/**
 * @typedef {object} ParquetColumn
 * @property {string} name
 * @property {string} [tdType] TD's type, in files that petit wrote
 * @property {string} type Arrow's type in files that petit wrote, otherwise Parquet's
 * @property {number} bytes compressed
 * @property {number} uncompressedBytes uncompressed
 *
 * @typedef {object} ParquetSummary
 * @property {number} bytes of the file
 * @property {number} rows
 * @property {ParquetColumn[]} columns
 * @property {{ index: number, rows: number, bytes: number, uncompressedBytes: number }[]} rowGroups
 * @property {string[]} codecs
 * @property {[string, string][]} origin from the key-value metadata
 * @property {{ from: string, to: string }} [timeRange] of the column `time`, in ISO 8601
 * @property {(string | undefined)[][]} firstRows as text; undefined for NULL
 * @property {string} [createdBy]
 */

/**
 * Reads what the page shows of a file.
 * @param {Blob} blob
 * @returns {Promise<ParquetSummary>}
 */
export async function readParquet(blob) {
  const file = {
    byteLength: blob.size,
    slice: (/** @type {number} */ start, /** @type {number | undefined} */ end) =>
      blob.slice(start, end).arrayBuffer(),
  };
  const metadata = await withNotParquetError(() => parquetMetadataAsync(file));
  const firstRows = await withNotParquetError(() => rowsOf(file, metadata));
  const pairs = (metadata.key_value_metadata ?? []).flatMap(({ key, value = '' }) =>
    key.startsWith(KEY_PREFIX)
      ? [/** @type {[string, string]} */ ([key.slice(KEY_PREFIX.length), value])]
      : [],
  );
  return {
    bytes: blob.size,
    rows: Number(metadata.num_rows),
    columns: await columnsOf(metadata, new Map(pairs)),
    rowGroups: metadata.row_groups.map((group, index) => ({
      index,
      rows: Number(group.num_rows),
      bytes: sum(group.columns.map(({ meta_data: chunk }) => Number(chunk?.total_compressed_size ?? 0))),
      uncompressedBytes: sum(
        group.columns.map(({ meta_data: chunk }) => Number(chunk?.total_uncompressed_size ?? 0)),
      ),
    })),
    codecs: [
      ...new Set(metadata.row_groups.flatMap(({ columns }) => columns.map((c) => c.meta_data?.codec ?? ''))),
    ],
    origin: pairs.filter(([key]) => !SCHEMA_KEYS.includes(key)),
    timeRange: timeRangeOf(metadata),
    firstRows,
    createdBy: metadata.created_by,
  };
}

/**
 * @param {import('hyparquet').AsyncBuffer} file
 * @param {FileMetaData} metadata
 * @returns {Promise<(string | undefined)[][]>}
 */
async function rowsOf(file, metadata) {
  if (metadata.num_rows === 0n) return [];
  // A copy, because takeDecimals changes it for the reader, and the types are shown from the original.
  const copy = structuredClone(metadata);
  const decimals = takeDecimals(copy);
  const { children } = parquetSchema(copy);
  /** @type {unknown[][]} */
  let rows = [];
  await parquetRead({
    ...{ file, metadata: copy, compressors, parsers: PARSERS, useOffsetIndex: true },
    rowStart: 0,
    rowEnd: Math.min(FIRST_ROWS, Number(metadata.num_rows)),
    onComplete: (/** @type {unknown[][]} */ read) => {
      rows = read;
    },
  });
  return rows.map((row) => children.map((column, index) => textOf(row[index], column, decimals)));
}

/**
 * @param {FileMetaData} metadata
 * @param {Map<string, string>} origin with the schema of the job's result and of the table, as TD reports them
 * @returns {Promise<ParquetColumn[]>}
 */
async function columnsOf(metadata, origin) {
  const { children } = parquetSchema(metadata);
  // With `--invalid-utf8 binary`, text columns are stored as binary: then the file has no string column.
  const isText = (/** @type {import('hyparquet').SchemaTree} */ { element }) =>
    element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING';
  const invalidUtf8 = children.some(isText) ? 'error' : 'binary';
  const described = await describeSchema(origin.get('result_schema') ?? '[]', { invalidUtf8 }).catch(
    () => [],
  );
  const stored = new Map(listOf(origin.get('table_schema')));
  const sizes = sizesOf(metadata);
  return children.map(({ element, children: inside }, index) => {
    const td = described[index]?.name === element.name ? described[index] : undefined;
    return {
      name: element.name,
      tdType: stored.get(element.name) ?? td?.tdType,
      type: td?.arrowType ?? typeOf(element, inside.length > 0),
      ...(sizes.get(element.name) ?? { bytes: 0, uncompressedBytes: 0 }),
    };
  });
}

/**
 * @param {string | undefined} schema as JSON text
 * @returns {[name: string, type: string][]}
 */
function listOf(schema = '[]') {
  try {
    return JSON.parse(schema);
  } catch {
    return []; // Written by another program.
  }
}

/** @param {FileMetaData} metadata */
function sizesOf({ row_groups: groups }) {
  /** @type {Map<string, { bytes: number, uncompressedBytes: number }>} */
  const sizes = new Map();
  for (const { meta_data: chunk } of groups.flatMap(({ columns }) => columns)) {
    const name = chunk?.path_in_schema[0];
    if (!chunk || name === undefined) continue;
    const size = sizes.get(name) ?? { bytes: 0, uncompressedBytes: 0 };
    size.bytes += Number(chunk.total_compressed_size);
    size.uncompressedBytes += Number(chunk.total_uncompressed_size);
    sizes.set(name, size);
  }
  return sizes;
}

/**
 * The most specific name that Parquet has for a type.
 * @param {SchemaElement} element
 * @param {boolean} isNested
 */
function typeOf({ logical_type: logical, converted_type: converted, type }, isNested) {
  return logical?.type ?? converted ?? (isNested ? 'STRUCT' : (type ?? '?'));
}

/** The range of the column `time`, from the statistics of its column chunks. Its values are Unix seconds.
 * @param {FileMetaData} metadata */
function timeRangeOf({ row_groups: groups }) {
  const bounds = groups.flatMap(({ columns }) => {
    const chunk = columns.find(({ meta_data: data }) => data?.path_in_schema.join('.') === 'time')?.meta_data;
    const { min_value: min, max_value: max } = chunk?.statistics ?? {};
    return typeof min === 'bigint' && typeof max === 'bigint' ? [min, max] : [];
  });
  if (bounds.length === 0) return undefined;
  const text = (/** @type {bigint} */ seconds) => {
    const time = new Date(Number(seconds) * 1000);
    return Number.isNaN(time.getTime()) ? String(seconds) : `${time.toISOString().slice(0, 19)}Z`;
  };
  return {
    from: text(bounds.reduce((a, b) => (a < b ? a : b))),
    to: text(bounds.reduce((a, b) => (a > b ? a : b))),
  };
}

/**
 * @template T
 * @param {() => Promise<T>} work
 */
async function withNotParquetError(work) {
  try {
    return await work();
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('not_parquet', `cannot read the file as Parquet: ${message}`, {
      cause: error,
      hint: 'Choose a complete Parquet file. A truncated download has no footer.',
    });
  }
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
