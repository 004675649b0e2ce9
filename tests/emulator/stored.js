import { duckTypeOf } from './td-types.js';

/**
 * What the codec found in a file's column, and how SQL reads it as a TD type: TD applies its schema when it reads, and
 * a value that does not fit its column reads as NULL.
 *
 * Picked here, since no page of TD says it: numbers, booleans, lists and maps read as text in a string column, text of
 * a whole number as a long, a float without a fraction as a long.
 *
 * @typedef {'null' | 'int' | 'uint' | 'float' | 'bool' | 'text'
 *   | { list: { items: Stored, nulls: boolean } }
 *   | { map: { keys: Stored, values: Stored } }
 *   | { mixed: Stored[] }} Stored
 * @typedef {import('./td-types.js').TdType} TdType
 */

/**
 * @param {Stored} stored
 * @returns {string} the kind: 'list', 'map', 'mixed' or a scalar's own name
 */
export function kindOf(stored) {
  return typeof stored === 'string' ? stored : /** @type {string} */ (Object.keys(stored)[0]);
}

/**
 * @param {string} expression SQL that gives the stored value
 * @param {Stored} stored
 * @param {TdType} type
 * @returns {string} SQL that gives it as `type`
 */
export function readAs(expression, stored, type) {
  const duckType = duckTypeOf(type);
  if (isSame(stored, type)) return expression;
  if (typeof stored === 'object' && 'mixed' in stored) {
    const parts = stored.mixed.map((part) =>
      readAs(`struct_extract(${expression}, '${kindOf(part)}')`, part, type),
    );
    return `COALESCE(${parts.join(', ')})`;
  }
  if (type.kind === 'array') return readList(expression, stored, type);
  if (type.kind === 'map') return readMap(expression, stored, type);
  return `CAST(${readScalar(expression, kindOf(stored), type.kind)} AS ${duckType})`;
}

/**
 * @param {Stored} stored
 * @param {TdType} type
 * @returns {boolean} whether the stored values are of the type as they are
 */
function isSame(stored, type) {
  if (type.kind === 'array') {
    return typeof stored === 'object' && 'list' in stored && isSame(stored.list.items, type.items);
  }
  if (type.kind === 'map') {
    return (
      typeof stored === 'object' &&
      'map' in stored &&
      isSame(stored.map.keys, type.keys) &&
      isSame(stored.map.values, type.values)
    );
  }
  const same = { int: '', long: 'int', float: '', double: 'float', string: 'text' };
  return stored === same[type.kind];
}

/**
 * @param {string} expression
 * @param {Stored} stored
 * @param {{ kind: 'array', items: TdType }} type
 */
function readList(expression, stored, type) {
  if (typeof stored !== 'object' || !('list' in stored)) return `CAST(NULL AS ${duckTypeOf(type)})`;
  const item = readAs('x', stored.list.items, type.items);
  return `CAST(list_transform(${expression}, lambda x: ${item}) AS ${duckTypeOf(type)})`;
}

/**
 * @param {string} expression
 * @param {Stored} stored
 * @param {{ kind: 'map', keys: TdType, values: TdType }} type
 */
function readMap(expression, stored, type) {
  if (typeof stored !== 'object' || !('map' in stored)) return `CAST(NULL AS ${duckTypeOf(type)})`;
  const key = readAs('x.key', stored.map.keys, type.keys);
  const value = readAs('x.value', stored.map.values, type.values);
  const entries = `list_transform(map_entries(${expression}), lambda x: {'key': ${key}, 'value': ${value}})`;
  return `CAST(map_from_entries(${entries}) AS ${duckTypeOf(type)})`;
}

/**
 * @param {string} x
 * @param {string} stored
 * @param {'int' | 'long' | 'float' | 'double' | 'string'} kind
 */
function readScalar(x, stored, kind) {
  if (stored === 'null') return 'NULL';
  if (kind === 'string') {
    return stored === 'list' || stored === 'map' ? `CAST(to_json(${x}) AS VARCHAR)` : `CAST(${x} AS VARCHAR)`;
  }
  if (stored === 'list' || stored === 'map') return 'NULL';
  if (kind === 'float' || kind === 'double') {
    return `TRY_CAST(${x} AS ${kind === 'float' ? 'FLOAT' : 'DOUBLE'})`;
  }
  const target = kind === 'int' ? 'INTEGER' : 'BIGINT';
  if (stored === 'float') return `CASE WHEN ${x} = trunc(${x}) THEN TRY_CAST(${x} AS ${target}) END`;
  if (stored === 'text')
    return `CASE WHEN regexp_full_match(${x}, '[+-]?[0-9]+') THEN TRY_CAST(${x} AS ${target}) END`;
  return `TRY_CAST(${x} AS ${target})`;
}
