import { duckTypeOf } from './td-types.js';

/**
 * The types of stored values in a file's column, and the SQL that reads them as a TD type. TD applies the schema when it
 * reads. A value that does not fit its column reads as NULL.
 *
 * TD does not document conversions. Here, numbers, booleans, lists and maps read as text in a string column. Text of an
 * integer and a float without a fraction read as a long.
 *
 * @typedef {'null' | 'int' | 'uint' | 'float' | 'bool' | 'text'
 *   | { list: { items: Stored, nulls: boolean } }
 *   | { map: { keys: Stored, values: Stored } }
 *   | { mixed: Stored[] }} Stored
 * @typedef {import('./td-types.js').TdType} TdType
 */

/**
 * @param {Stored} stored
 * @returns {string} 'list', 'map', 'mixed' or the name of a scalar
 */
export function kindOf(stored) {
  return typeof stored === 'string' ? stored : /** @type {string} */ (Object.keys(stored)[0]);
}

/**
 * @param {string} expression SQL of the stored value
 * @param {Stored} stored
 * @param {TdType} type
 * @returns {string} SQL of the value as `type`
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
 * @returns {boolean} whether the stored values need no conversion
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
