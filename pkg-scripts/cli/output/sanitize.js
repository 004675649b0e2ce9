/** Control characters, and marks that turn the direction of text: names from elsewhere must not command the terminal. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff]/gu;

/**
 * Text from outside, safe to print: what could steer the terminal is shown as an escape.
 * @param {unknown} text
 */
export function printable(text) {
  return String(text).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
