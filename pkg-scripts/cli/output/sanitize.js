/**
 * Control characters, marks that change the direction of text, and characters that do not show: the set that the core
 * removes from its messages.
 */
const CONTROL_CHARS = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/**
 * Escapes what foreign text could use to control the terminal: `\u001b` instead of the ESC character.
 * @param {unknown} text
 */
export function escapeControlChars(text) {
  return String(text).replace(
    CONTROL_CHARS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
