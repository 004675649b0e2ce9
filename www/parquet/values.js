// Formats Parquet values as text, with full precision.

/** @import { FileMetaData, SchemaTree } from 'hyparquet' */

/** Bytes in two's complement, big-endian, or a number.
 * @typedef {Uint8Array | number | bigint} Unscaled */

/** Longer values are truncated. In characters. */
const MAX_CHARACTERS = 300;

/** hyparquet's own parsers make `Date`s, which lack microseconds. */
export const PARSERS = {
  timestampFromMilliseconds: (/** @type {bigint} */ count) => time(count * 1_000_000n),
  timestampFromMicroseconds: (/** @type {bigint} */ count) => time(count * 1000n),
  timestampFromNanoseconds: (/** @type {bigint} */ count) => time(count),
  dateFromDays: (/** @type {number} */ days) =>
    new FormattedValue(new Date(days * 86_400_000).toISOString().slice(0, 10)),
};

/** The text of a value that is not a string, so it is shown without quotes. */
class FormattedValue {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @param {bigint} nanos since 1970-01-01 UTC */
function time(nanos) {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const text = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ');
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return new FormattedValue(digits ? `${text}.${digits}` : text);
}

/**
 * Removes the decimal type from the schema: hyparquet would convert decimals to floats, which lose digits. Without the
 * type it returns the unscaled value.
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
 * @param {unknown} value
 * @param {SchemaTree} column
 * @param {Map<object, number>} decimals
 * @returns {string | undefined} undefined for NULL
 */
export function textOf(value, column, decimals) {
  if (value === null || value === undefined) return undefined;
  const scale = decimals.get(column.element);
  const unscaled = /** @type {Unscaled} */ (value);
  const text =
    scale === undefined ? (typeof value === 'string' ? value : toText(value)) : decimal(unscaled, scale);
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/**
 * @param {unknown} value
 * @returns {string} JSON, extended by values that JSON lacks
 */
function toText(value) {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof FormattedValue) return value.text;
  if (value instanceof Uint8Array) return `0x${hex(value)}`;
  if (Array.isArray(value)) return `[${value.map(toText).join(', ')}]`;
  if (typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${toText(item)}`);
  return `{${entries.join(', ')}}`;
}

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * The text of a decimal, with all digits.
 * @param {Unscaled} unscaled
 * @param {number} scale
 */
export function decimal(unscaled, scale) {
  const digits =
    unscaled instanceof Uint8Array
      ? BigInt.asIntN(unscaled.length * 8, BigInt(`0x${hex(unscaled)}`))
      : BigInt(unscaled);
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const pointIndex = text.length - scale;
  return `${digits < 0n ? '-' : ''}${text.slice(0, pointIndex)}${scale > 0 ? `.${text.slice(pointIndex)}` : ''}`;
}
