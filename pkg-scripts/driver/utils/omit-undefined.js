/**
 * A number of rows in words.
 * @param {bigint} rows
 */
export const rowCount = (rows) => `${rows} ${rows === 1n ? 'row' : 'rows'}`;

/**
 * The object without its undefined fields, which the core would take for values.
 * @template {Record<string, unknown>} T
 * @param {T} fields
 */
export function defined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
