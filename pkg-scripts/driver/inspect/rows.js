import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** @import { FileMetaData, SchemaTree } from 'hyparquet' */
/** @import { ByteSource } from '../../types.js' */

const NANOS_PER_SECOND = 1_000_000_000n;

/** hyparquet's own parsers make `Date`s, which lack microseconds. */
const PARSERS = {
  timestampFromMilliseconds: (/** @type {bigint} */ count) => timeText(count * 1_000_000n),
  timestampFromMicroseconds: (/** @type {bigint} */ count) => timeText(count * 1000n),
  timestampFromNanoseconds: (/** @type {bigint} */ count) => timeText(count),
  dateFromDays: (/** @type {number} */ days) => new Date(days * 86_400_000).toISOString().slice(0, 10),
};

/**
 * The first rows of a file, as values of JSON: integers are bigints, times and decimals text, bytes hexadecimal text.
 * @param {ByteSource} source
 * @param {number} count
 * @returns {Promise<unknown[][]>}
 */
export async function readFirstRows(source, count) {
  const file = {
    byteLength: source.byteLength,
    slice: async (/** @type {number} */ start, end = source.byteLength) => {
      const bytes = await source.slice(start, end);
      return /** @type {ArrayBuffer} */ (
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
      );
    },
  };
  const metadata = await parquetMetadataAsync(file);
  const scales = takeDecimals(metadata);
  const { children } = parquetSchema(metadata);
  const rowEnd = Math.min(count, Number(metadata.num_rows));
  if (rowEnd === 0) return [];
  /** @type {unknown[][]} */
  let rows = [];
  await parquetRead({
    ...{ file, metadata, compressors, parsers: PARSERS, useOffsetIndex: true, rowStart: 0, rowEnd },
    onComplete: (/** @type {unknown[][]} */ read) => {
      rows = read;
    },
  });
  return rows.map((row) => children.map((column, index) => toValue(row[index], scales.get(column.element))));
}

/**
 * Removes the type of decimals from the schema: hyparquet makes floats of them, which lose digits.
 * @param {FileMetaData} metadata
 * @returns {Map<object, number>} scales by schema element
 */
function takeDecimals({ schema }) {
  const decimals = schema.filter((element) => element.converted_type === 'DECIMAL');
  for (const element of decimals) {
    delete element.converted_type;
    delete element.logical_type;
  }
  return new Map(decimals.map((element) => [element, element.scale ?? 0]));
}

/** @param {unknown} value @param {number} [scale] of a decimal @returns {unknown} */
function toValue(value, scale) {
  if (value === null || value === undefined) return null;
  if (scale !== undefined) return decimalText(/** @type {Uint8Array | number | bigint} */ (value), scale);
  if (value instanceof Uint8Array) return `0x${hex(value)}`;
  if (Array.isArray(value)) return value.map((item) => toValue(item));
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toValue(item)]));
}

/** @param {bigint} nanos since 1970-01-01 UTC */
function timeText(nanos) {
  const fraction = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  const seconds = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().replace(/\.\d+Z$/, '');
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return `${seconds.replace('T', ' ')}${digits && `.${digits}`}`;
}

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * @param {Uint8Array | number | bigint} unscaled bytes in two's complement, big-endian, or a number
 * @param {number} scale
 */
function decimalText(unscaled, scale) {
  const number =
    unscaled instanceof Uint8Array
      ? BigInt.asIntN(unscaled.length * 8, BigInt(`0x${hex(unscaled) || '0'}`))
      : BigInt(unscaled);
  const digits = String(number < 0n ? -number : number).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${number < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}
