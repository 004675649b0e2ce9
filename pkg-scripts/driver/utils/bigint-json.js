/**
 * A value as JSON text, as `JSON.stringify` makes it, and a BigInt as the whole number that it is, with all its digits.
 * @param {object} value
 * @param {number} [indent]
 */
export function toJson(value, indent) {
  // Made up after the value was: no text in it can look like a marked number.
  const mark = crypto.randomUUID();
  const marked = (/** @type {string} */ _, /** @type {unknown} */ item) =>
    typeof item === 'bigint' ? mark + item : item;
  return JSON.stringify(value, marked, indent).replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
