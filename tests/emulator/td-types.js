import { validation } from './errors.js';

/**
 * TD's column types, and DuckDB's types for them.
 *
 * TD's documentation does not say how SQL reads `int` and `float`. Here, they are integer and real (32 bits each).
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
  let position = 0;
  const next = () => tokens[position++];
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
  if (position !== tokens.length || tokens.join('') !== text.replaceAll(' ', '')) {
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
 * @returns {string} DuckDB's name of the type
 */
export function duckTypeOf(type) {
  if (type.kind === 'array') return `${duckTypeOf(type.items)}[]`;
  if (type.kind === 'map') return `MAP(${duckTypeOf(type.keys)}, ${duckTypeOf(type.values)})`;
  return DUCK[type.kind];
}
