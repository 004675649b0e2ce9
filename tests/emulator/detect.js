import { makeAlias } from './names.js';
import { sqlName, withAliases } from './schema.js';
import { kindOf } from './stored.js';
import { printTdType } from './td-types.js';

/**
 * Detects the schema of records.
 *
 * @typedef {import('./codec.js').DataFile} DataFile
 * @typedef {import('./schema.js').Column} Column
 * @typedef {import('./stored.js').Stored} Stored
 * @typedef {import('./td-types.js').TdType} TdType
 */

/**
 * @param {Column[]} columns
 * @param {DataFile[]} files
 * @returns {Column[]} extended by those that the files add
 */
export function withDetected(columns, files) {
  const known = new Set(['time', 'v', ...columns.map((column) => column.key)]);
  /** @type {Map<string, Stored[]>} */
  const found = new Map();
  for (const { key, stored } of files.flatMap((file) => file.columns)) {
    // An empty key, such as that of a data frame's unnamed index in csv, makes no column.
    if (key !== '' && !known.has(key)) found.set(key, [...(found.get(key) ?? []), stored]);
  }
  const taken = new Set(columns.map(sqlName));
  const added = [...found].flatMap(([key, stored]) => {
    const type = detectType(stored);
    if (!type) return [];
    const alias = taken.has(key) ? makeAlias(key, taken) : null;
    return [{ key, type: printTdType(type), alias, description: null }];
  });
  return withAliases([...columns, ...added]);
}

/**
 * The TD type of a new column, derived from its values. TD does not document this. Here, booleans become string; maps
 * become map<string,string>; lists with mixed or nil items become array<string>; a mixture of integers and floats
 * becomes double; other mixtures become string.
 *
 * @param {Stored[]} storedTypes the type of the key in each file
 * @returns {TdType | null} null if all values are nil
 */
export function detectType(storedTypes) {
  const parts = storedTypes.flatMap((stored) =>
    typeof stored === 'object' && 'mixed' in stored ? stored.mixed : [stored],
  );
  const kinds = new Set(parts.map(kindOf));
  kinds.delete('null');
  if (kinds.size === 0) return null;
  if (kinds.has('uint')) kinds.add('int').delete('uint');
  if (kinds.size === 1) {
    if (kinds.has('int')) return { kind: 'long' };
    if (kinds.has('float')) return { kind: 'double' };
    if (kinds.has('map')) return { kind: 'map', keys: { kind: 'string' }, values: { kind: 'string' } };
    if (kinds.has('list')) return { kind: 'array', items: detectItems(parts) };
  }
  if (kinds.size === 2 && kinds.has('int') && kinds.has('float')) return { kind: 'double' };
  return { kind: 'string' };
}

/**
 * @param {Stored[]} parts
 * @returns {TdType}
 */
function detectItems(parts) {
  const lists = parts.flatMap((part) => (typeof part === 'object' && 'list' in part ? [part.list] : []));
  const items = detectType(lists.map((list) => list.items));
  const mixed = lists.some((list) => list.nulls || kindOf(list.items) === 'mixed');
  return items && !mixed ? items : { kind: 'string' };
}
