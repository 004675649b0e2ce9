import Table from 'cli-table3';

export { count, duration, inRows, size } from '../format.js';

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

/**
 * A value as JSON on one line, safe to print: JSON itself escapes only some of what could steer the terminal.
 * @param {unknown} value
 */
export const printableJson = (value) => printable(JSON.stringify(value));

/**
 * Rows and columns as plain text, numbers to the right.
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {{ right?: number[] }} [options] columns to align right
 */
export function table(head, rows, { right = [] } = {}) {
  const drawn = new Table({
    head,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: Object.fromEntries(
      [
        'top',
        'top-mid',
        'top-left',
        'top-right',
        'bottom',
        'bottom-mid',
        'bottom-left',
        'bottom-right',
        'left',
      ]
        .concat(['left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
        .map((name) => [name, '']),
    ),
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
  });
  drawn.push(...rows.map((row) => row.map(printable)));
  return drawn.toString().replace(/ +$/gm, '');
}
