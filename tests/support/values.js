import { parseTdType } from '../emulator/td-types.js';

/**
 * Values in a form that JSON does not change and that every reader can produce, the same as in exact_values.py: integers
 * "i:…", floats by their bits "f:…", text "s:…", bytes "b:hex", decimals, dates and timestamps "d:…", lists as arrays,
 * maps as `{ map: [[key, value], …] }` in the order of their keys, rows as `{ row: {…} }`.
 *
 * @typedef {null | boolean | string | List | { map: [Value, Value][] } | { row: { [field: string]: Value } }} Value
 * @typedef {Array<Value>} List
 * @typedef {import('../emulator/seed.js').TableSeed} TableSeed
 * @typedef {import('../emulator/td-types.js').TdType} TdType
 */

/** @param {number | bigint} value */
export const integer = (value) => `i:${value}`;

/** @param {number} value */
export function float(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `f:${bytes.toString('hex')}`;
}

/** @param {Uint8Array} bytes */
export const binary = (bytes) => `b:${Buffer.from(bytes).toString('hex')}`;

/** @param {[Value, Value][]} entries */
export function mapOf(entries) {
  return { map: entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)) };
}

/**
 * The expected rows of a seed's table, with the columns of its schema and then time.
 *
 * @param {TableSeed} table
 * @param {{ invalidUtf8?: 'replace' | 'binary' }} [options]
 * @returns {Value[][]}
 */
export function rowsOfSeed({ schema = [], records = [] }, { invalidUtf8 = 'replace' } = {}) {
  const columns = [...schema.map(([key, type]) => [String(key), String(type)]), ['time', 'long']];
  return records.map((record) =>
    columns.map(([key = '', type = '']) => valueOfSeed(record[key], parseTdType(type), invalidUtf8)),
  );
}

/**
 * @param {unknown} given the value in the seed
 * @param {TdType} type
 * @param {'replace' | 'binary'} invalidUtf8
 * @returns {Value}
 */
function valueOfSeed(given, type, invalidUtf8) {
  if (given === null || given === undefined) return null;
  const special = /** @type {Record<string, any>} */ (given);
  switch (type.kind) {
    case 'array':
      return /** @type {unknown[]} */ (given).map((item) => valueOfSeed(item, type.items, invalidUtf8));
    case 'map': {
      const entries = /** @type {[unknown, unknown][]} */ (special.$map ?? Object.entries(special));
      return mapOf(
        entries.map(([key, value]) => [
          valueOfSeed(key, type.keys, invalidUtf8),
          valueOfSeed(value, type.values, invalidUtf8),
        ]),
      );
    }
    case 'string': {
      const bytes = bytesOfSeed(special);
      return invalidUtf8 === 'binary' ? binary(bytes) : `s:${new TextDecoder().decode(bytes)}`;
    }
    case 'float':
    case 'double':
      return float(Number(special.$float ?? given));
    default:
      return integer(BigInt(special.$int ?? given));
  }
}

/** @param {any} given @returns {Uint8Array} */
function bytesOfSeed(given) {
  if (given.$bytes !== undefined) return Buffer.from(given.$bytes, 'base64');
  if (given.$repeat !== undefined) return Buffer.from(given.$repeat[0].repeat(given.$repeat[1]));
  return Buffer.from(given);
}
