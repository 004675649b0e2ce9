import { validation } from './errors.js';

/**
 * TD's column types, and DuckDB's types for them.
 *
 * SQL reads `int` as bigint and `float` as double, as TD's Spark connector expects. With the setting `narrowTypes` it reads
 * them as integer and real, which the names suggest.
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
 * The type as SQL reads it, unless the setting `narrowTypes` is on.
 * @param {TdType} type
 * @returns {TdType}
 */
export function widen(type) {
  if (type.kind === 'int') return { kind: 'long' };
  if (type.kind === 'float') return { kind: 'double' };
  if (type.kind === 'array') return { kind: 'array', items: widen(type.items) };
  if (type.kind === 'map') return { kind: 'map', keys: widen(type.keys), values: widen(type.values) };
  return type;
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
