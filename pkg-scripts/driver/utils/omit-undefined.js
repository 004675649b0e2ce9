/**
 * The object without its undefined fields: the core would read them as values.
 * @template {object} T
 * @param {T} fields
 */
export function omitUndefined(fields) {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return /** @type {T} */ (Object.fromEntries(defined));
}
