import Table from 'cli-table3';

export { count, duration, inRows, size } from '../format.js';

/** Control characters, and marks that turn the direction of text: names from elsewhere must not command the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

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
