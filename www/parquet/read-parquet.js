// Looks into a Parquet file, in the thread: only its footer and the first rows are read.
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describeSchema, PetitError } from '../../pkg-scripts/browser.js';
import { PARSERS, takeDecimals, textOf } from './values.js';

/** @import { FileMetaData, SchemaElement } from 'hyparquet' */

/** Rows that are shown. */
export const FIRST_ROWS = 100;
/** Under these keys petit's files tell of where they come from. */
const TD = 'td.';
/** Of these, the schemas are shown column by column. */
const SCHEMAS = ['result_schema', 'table_schema'];

/**
 * @typedef {object} ParquetColumn
 * @property {string} name
 * @property {string} [tdType] in files of petit's
 * @property {string} type Arrow's name in files of petit's, else Parquet's
 * @property {number} bytes compressed
 * @property {number} plainBytes uncompressed
 *
 * @typedef {object} ParquetLook
 * @property {number} bytes of the file
 * @property {number} rows
 * @property {ParquetColumn[]} columns
 * @property {{ index: number, rows: number, bytes: number, plainBytes: number }[]} rowGroups
 * @property {string[]} codecs
 * @property {[string, string][]} origin where it comes from, as the file tells
 * @property {{ from: string, to: string }} [times] of its column `time`
 * @property {(string | undefined)[][]} firstRows as text; undefined: no value
 * @property {string} [createdBy]
 */

/**
 * @param {Blob} blob
 * @returns {Promise<ParquetLook>}
 */
export async function readParquet(blob) {
  const file = {
    byteLength: blob.size,
    slice: (/** @type {number} */ start, /** @type {number | undefined} */ end) =>
      blob.slice(start, end).arrayBuffer(),
  };
  const metadata = await orNotParquet(() => parquetMetadataAsync(file));
  const firstRows = await orNotParquet(() => rowsOf(file, metadata));
  const pairs = (metadata.key_value_metadata ?? []).flatMap(({ key, value = '' }) =>
    key.startsWith(TD) ? [/** @type {[string, string]} */ ([key.slice(TD.length), value])] : [],
  );
  return {
    bytes: blob.size,
    rows: Number(metadata.num_rows),
    columns: await columnsOf(metadata, new Map(pairs)),
    rowGroups: metadata.row_groups.map((group, index) => ({
      index,
      rows: Number(group.num_rows),
      bytes: sum(group.columns.map(({ meta_data: chunk }) => Number(chunk?.total_compressed_size ?? 0))),
      plainBytes: sum(
        group.columns.map(({ meta_data: chunk }) => Number(chunk?.total_uncompressed_size ?? 0)),
      ),
    })),
    codecs: [
      ...new Set(metadata.row_groups.flatMap(({ columns }) => columns.map((c) => c.meta_data?.codec ?? ''))),
    ],
    origin: pairs.filter(([key]) => !SCHEMAS.includes(key)),
    times: timesOf(metadata),
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
  // A copy: what is done to it for the reader's sake must not show in the types.
  const copy = structuredClone(metadata);
  const decimals = takeDecimals(copy);
  const { children } = parquetSchema(copy);
  /** @type {any[][]} */
  let rows = [];
  await parquetRead({
    ...{ file, metadata: copy, compressors, parsers: PARSERS, useOffsetIndex: true },
    rowStart: 0,
    rowEnd: Math.min(FIRST_ROWS, Number(metadata.num_rows)),
    onComplete: (/** @type {any[][]} */ read) => {
      rows = read;
    },
  });
  return rows.map((row) => children.map((column, place) => textOf(row[place], column, decimals)));
}

/**
 * @param {FileMetaData} metadata
 * @param {Map<string, string>} origin the schemas among it are Treasure Data's own: of the result, of the table
 * @returns {Promise<ParquetColumn[]>}
 */
async function columnsOf(metadata, origin) {
  const { children } = parquetSchema(metadata);
  // Text that was kept as binary shows in the file: its columns are no strings there.
  const isText = (/** @type {import('hyparquet').SchemaTree} */ { element }) =>
    element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING';
  const invalidUtf8 = children.some(isText) ? 'error' : 'binary';
  const known = await describeSchema(origin.get('result_schema') ?? '[]', { invalidUtf8 }).catch(() => []);
  const stored = new Map(listOf(origin.get('table_schema')));
  const sizes = sizesOf(metadata);
  return children.map(({ element, children: inside }, place) => {
    const td = known[place]?.name === element.name ? known[place] : undefined;
    return {
      name: element.name,
      tdType: stored.get(element.name) ?? td?.tdType,
      type: td?.arrowType ?? typeOf(element, inside.length > 0),
      ...(sizes.get(element.name) ?? { bytes: 0, plainBytes: 0 }),
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
    return []; // A file of somebody else's.
  }
}

/** @param {FileMetaData} metadata */
function sizesOf({ row_groups: groups }) {
  /** @type {Map<string, { bytes: number, plainBytes: number }>} */
  const sizes = new Map();
  for (const { meta_data: chunk } of groups.flatMap(({ columns }) => columns)) {
    const name = chunk?.path_in_schema[0];
    if (!chunk || name === undefined) continue;
    const size = sizes.get(name) ?? { bytes: 0, plainBytes: 0 };
    size.bytes += Number(chunk.total_compressed_size);
    size.plainBytes += Number(chunk.total_uncompressed_size);
    sizes.set(name, size);
  }
  return sizes;
}

/**
 * Parquet's own name of a type.
 * @param {SchemaElement} element
 * @param {boolean} isNested
 */
function typeOf({ logical_type: logical, converted_type: converted, type }, isNested) {
  return logical?.type ?? converted ?? (isNested ? 'STRUCT' : (type ?? '?'));
}

/** What the statistics of the column `time` say, in Unix seconds.
 * @param {FileMetaData} metadata */
function timesOf({ row_groups: groups }) {
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
async function orNotParquet(work) {
  try {
    return await work();
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('not_parquet', `the file cannot be read as Parquet: ${message}`, {
      cause: error,
      hint: 'Choose a whole Parquet file. A download that was cut has no footer.',
    });
  }
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
