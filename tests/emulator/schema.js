import { validation } from './errors.js';
import { isSqlName, makeAlias } from './names.js';
import { parseTdType } from './td-types.js';

/**
 * A table's columns, as TD's API represents them: `[key, type]`, `[key, type, alias]` or `[key, type, alias, description]`.
 *
 * @typedef {object} Column
 * @property {string} key field of the records
 * @property {string} type as given in the API call
 * @property {string | null} alias the name in SQL, if it is not the key
 * @property {string | null} description
 */

const RESERVED = new Set(['time', 'v']);

/** @param {Column} column */
export const sqlName = (column) => column.alias ?? column.key;

/**
 * Parses a schema of an API call.
 *
 * @param {unknown} given JSON text or its value
 * @param {{ old?: Column[], ignoreDuplicates?: boolean, anyNames?: boolean }} [options] `old`: columns whose
 *   alias is kept if the new one is null; `anyNames`: allow any alias
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
    const previous = old.find((column) => column.key === key);
    columns.push({
      key,
      type,
      alias: typeof alias === 'string' && alias !== '' ? alias : (previous?.alias ?? null),
      description: typeof description === 'string' ? description : (previous?.description ?? null),
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
 * Assigns aliases to keys that are not valid SQL names, and checks that the SQL names are unique.
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
 * @param {boolean} descriptions whether to include descriptions
 * @returns {string} the schema as in API responses
 */
export function printSchema(columns, descriptions) {
  return JSON.stringify(
    columns.map(({ key, type, alias, description }) => {
      if (descriptions && description !== null) return [key, type, alias, description];
      return alias === null ? [key, type] : [key, type, alias];
    }),
  );
}
