import { validation } from './errors.js';
import { isSqlName, makeAlias } from './names.js';
import { parseTdType } from './td-types.js';

/**
 * A table's columns, as TD's API tells them: `[key, type]`, `[key, type, alias]` or `[key, type, alias, description]`.
 *
 * @typedef {object} Column
 * @property {string} key the field of the stored records
 * @property {string} type as it was given
 * @property {string | null} alias its name in SQL when that is not the key
 * @property {string | null} description
 */

const RESERVED = new Set(['time', 'v']);

/** @param {Column} column */
export const sqlName = (column) => column.alias ?? column.key;

/**
 * Reads a schema from an API call.
 *
 * @param {unknown} given JSON text or what it holds
 * @param {{ old?: Column[], ignoreDuplicates?: boolean, anyNames?: boolean }} [options] `old`: columns whose alias a null
 *   keeps; `anyNames`: whether an alias may be any text
 * @returns {Column[]}
 * @throws {import('./errors.js').ApiError} 422
 */
export function parseSchema(given, { old = [], ignoreDuplicates = false, anyNames = false } = {}) {
  /** @type {Column[]} */
  const columns = [];
  for (const entry of entries(given)) {
    const [key, type, alias, description] = entry;
    if (typeof key !== 'string' || key === '')
      throw validation(`Invalid column name: ${JSON.stringify(key)}`);
    if (typeof type !== 'string') throw validation(`Invalid column type: ${JSON.stringify(type)}`);
    if (RESERVED.has(key)) throw validation(`Column name '${key}' is reserved`);
    parseTdType(type);
    if (columns.some((column) => column.key === key)) {
      if (ignoreDuplicates) continue;
      throw validation(`Schema has duplicated columns: ${key}`);
    }
    if (typeof alias === 'string' && !anyNames && !/^[a-z0-9_]*$/.test(alias))
      throw validation(`Invalid SQL column alias: '${alias}'`);
    const before = old.find((column) => column.key === key);
    columns.push({
      key,
      type,
      alias: typeof alias === 'string' && alias !== '' ? alias : (before?.alias ?? null),
      description: typeof description === 'string' ? description : (before?.description ?? null),
    });
  }
  return withAliases(columns);
}

/**
 * @param {unknown} given
 * @returns {unknown[][]}
 */
function entries(given) {
  let list = given;
  if (typeof given === 'string') {
    try {
      list = JSON.parse(given);
    } catch {
      throw validation('Schema is not JSON');
    }
  }
  if (!Array.isArray(list) || !list.every((entry) => Array.isArray(entry) && entry.length >= 2)) {
    throw validation('Schema must be an array of [key, type] or [key, type, alias]');
  }
  return list;
}

/**
 * Gives an alias to keys that are no SQL names, and checks that SQL can tell the columns apart.
 * @param {Column[]} columns
 * @returns {Column[]}
 */
export function withAliases(columns) {
  const taken = new Set(RESERVED);
  for (const { alias, key } of columns) {
    if (alias === null && !isSqlName(key)) continue;
    const name = alias ?? key;
    if (taken.has(name)) throw validation(`Schema has duplicated columns: ${name}`);
    taken.add(name);
  }
  return columns.map((column) => {
    if (column.alias !== null || isSqlName(column.key)) return column;
    const alias = makeAlias(column.key, taken);
    taken.add(alias);
    return { ...column, alias };
  });
}

/**
 * @param {Column[]} columns
 * @param {boolean} descriptions whether the fourth part is asked for
 * @returns {string} the schema as API answers hold it
 */
export function printSchema(columns, descriptions) {
  return JSON.stringify(
    columns.map(({ key, type, alias, description }) => {
      if (descriptions && description !== null) return [key, type, alias, description];
      return alias === null ? [key, type] : [key, type, alias];
    }),
  );
}
