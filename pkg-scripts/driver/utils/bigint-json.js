/**
 * A value as JSON text, like `JSON.stringify`, with each BigInt as a number of all its digits.
 * @param {object} value
 * @param {number} [indent]
 */
export function toJson(value, indent) {
  // Random, so that no text of the value can look like a marked number.
  const mark = crypto.randomUUID();
  const marked = (/** @type {string} */ _, /** @type {unknown} */ item) =>
    typeof item === 'bigint' ? mark + item : item;
  return JSON.stringify(value, marked, indent).replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
