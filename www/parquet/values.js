// Parquet's values as text, with every digit they have.

/** @import { FileMetaData, SchemaTree } from 'hyparquet' */

/** Characters of a value that are shown at most. */
const MOST_CHARACTERS = 300;

/** hyparquet would make dates of these, which have no microseconds. */
export const PARSERS = {
  timestampFromMilliseconds: (/** @type {bigint} */ count) => time(count * 1_000_000n),
  timestampFromMicroseconds: (/** @type {bigint} */ count) => time(count * 1000n),
  timestampFromNanoseconds: (/** @type {bigint} */ count) => time(count),
  dateFromDays: (/** @type {number} */ days) =>
    new Exact(new Date(days * 86_400_000).toISOString().slice(0, 10)),
};

/** A text that stands for a value which is no text. */
class Exact {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @param {bigint} nanos since 1970 */
function time(nanos) {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const text = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ');
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return new Exact(digits ? `${text}.${digits}` : text);
}

/**
 * hyparquet makes floats of decimals. Hiding what they are brings their digits out.
 * @param {FileMetaData} metadata
 * @returns {Map<object, number>} scales by schema element
 */
export function takeDecimals({ schema }) {
  const decimals = schema.filter((element) => element.converted_type === 'DECIMAL');
  for (const element of decimals) {
    delete element.converted_type;
    delete element.logical_type;
  }
  return new Map(decimals.map((element) => [element, element.scale ?? 0]));
}

/**
 * @param {any} value
 * @param {SchemaTree} column
 * @param {Map<object, number>} decimals
 * @returns {string | undefined} undefined: there is no value
 */
export function textOf(value, column, decimals) {
  if (value === null || value === undefined) return undefined;
  const scale = decimals.get(column.element);
  const text =
    scale === undefined ? (typeof value === 'string' ? value : plain(value)) : decimal(value, scale);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/**
 * @param {any} value
 * @returns {string} as JSON would have it, if JSON had all of these values
 */
function plain(value) {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Exact) return value.text;
  if (value instanceof Uint8Array) return `0x${hex(value)}`;
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  if (typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${plain(item)}`);
  return `{${entries.join(', ')}}`;
}

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * A decimal's digits.
 * @param {Uint8Array | number | bigint} unscaled bytes of two's complement, or a number
 * @param {number} scale
 */
export function decimal(unscaled, scale) {
  const digits =
    unscaled instanceof Uint8Array
      ? BigInt.asIntN(unscaled.length * 8, BigInt(`0x${hex(unscaled)}`))
      : BigInt(unscaled);
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const point = text.length - scale;
  return `${digits < 0n ? '-' : ''}${text.slice(0, point)}${scale > 0 ? `.${text.slice(point)}` : ''}`;
}
