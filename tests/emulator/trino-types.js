/**
 * Types of Trino, as its client protocol describes the columns of a result.
 *
 * @typedef {{ rawType: string, arguments: { kind: string, value: unknown }[] }} Signature
 */

/**
 * @param {string} name
 * @param {string} type as in `hive_result_schema`
 */
export const columnOf = (name, type) => ({ name, type, typeSignature: signatureOf(type) });

/**
 * @param {string} type `map(varchar, array(bigint))`
 * @returns {Signature}
 */
function signatureOf(type) {
  const [, base = type, inner, suffix = ''] = /^([a-z ]+?)\((.*)\)( with time zone)?$/s.exec(type) ?? [];
  const rawType = base + suffix;
  if (inner === undefined) return { rawType, arguments: [] };
  const parts = splitAtCommas(inner);
  if (base === 'row') return { rawType, arguments: parts.map(fieldOf) };
  if (['array', 'map'].includes(base)) return { rawType, arguments: parts.map(typeArgument) };
  return { rawType, arguments: parts.map((value) => ({ kind: 'LONG', value: Number(value) })) };
}

const typeArgument = (/** @type {string} */ type) => ({ kind: 'TYPE', value: signatureOf(type) });

/** @param {string} field `name type`, `"quoted name" type` or a type alone */
function fieldOf(field) {
  const [, quoted, plain, type = field] = /^(?:"((?:[^"]|"")*)"|([a-z_]\w*)) (.+)$/s.exec(field) ?? [];
  const name = quoted?.replaceAll('""', '"') ?? plain;
  const fieldName = name === undefined ? {} : { fieldName: { name } };
  return { kind: 'NAMED_TYPE', value: { ...fieldName, typeSignature: signatureOf(type) } };
}

/**
 * Splits at commas outside of parentheses and quotes.
 * @param {string} text
 */
function splitAtCommas(text) {
  const parts = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"]|"")*"|[(),]|[^"(),]+/gs)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === ',' && depth === 0) parts.push('');
    else parts.push(parts.pop() + token);
  }
  return parts.map((part) => part.trim());
}
