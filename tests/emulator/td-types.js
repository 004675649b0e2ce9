import { validation } from './errors.js';

/**
 * TD's column types: what a table's schema may say, and what DuckDB reads such a column as.
 *
 * Picked where TD's documentation leaves a gap: `int` is integer (32 bits) and `float` is real (32 bits) in SQL.
 *
 * @typedef {{ kind: 'int' | 'long' | 'float' | 'double' | 'string' }
 *   | { kind: 'array', items: TdType }
 *   | { kind: 'map', keys: TdType, values: TdType }} TdType
 */

const SCALARS = new Set(['int', 'long', 'float', 'double', 'string']);
const DUCK = { int: 'INTEGER', long: 'BIGINT', float: 'FLOAT', double: 'DOUBLE', string: 'VARCHAR' };

/**
 * @param {string} text such as `map<string,array<long>>`
 * @returns {TdType}
 * @throws {import('./errors.js').ApiError} 422 for anything else
 */
export function parseTdType(text) {
  const tokens = text.match(/[a-z]+|[<>,]/g) ?? [];
  let at = 0;
  const next = () => tokens[at++];
  /** @param {string} token */
  const expect = (token) => {
    if (next() !== token) throw validation(`Invalid column type: ${text}`);
  };
  /** @returns {TdType} */
  const parse = () => {
    const name = next() ?? '';
    if (SCALARS.has(name)) return { kind: /** @type {any} */ (name) };
    if (name === 'array') {
      expect('<');
      const items = parse();
      expect('>');
      return { kind: 'array', items };
    }
    if (name === 'map') {
      expect('<');
      const keys = parse();
      expect(',');
      const values = parse();
      expect('>');
      return { kind: 'map', keys, values };
    }
    throw validation(`Invalid column type: ${text}`);
  };
  const type = parse();
  if (at !== tokens.length || tokens.join('') !== text.replaceAll(' ', '')) {
    throw validation(`Invalid column type: ${text}`);
  }
  return type;
}

/**
 * @param {TdType} type
 * @returns {string}
 */
export function printTdType(type) {
  if (type.kind === 'array') return `array<${printTdType(type.items)}>`;
  if (type.kind === 'map') return `map<${printTdType(type.keys)},${printTdType(type.values)}>`;
  return type.kind;
}

/**
 * @param {TdType} type
 * @returns {string} DuckDB's name of it
 */
export function duckTypeOf(type) {
  if (type.kind === 'array') return `${duckTypeOf(type.items)}[]`;
  if (type.kind === 'map') return `MAP(${duckTypeOf(type.keys)}, ${duckTypeOf(type.values)})`;
  return DUCK[type.kind];
}
