import Table from 'cli-table3';
import prettyBytes from 'pretty-bytes';

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

/** @param {number | undefined} count */
export function count(count) {
  return count === undefined ? '?' : count.toLocaleString('en-US');
}

/** @param {number | undefined} bytes */
export function size(bytes) {
  return bytes === undefined ? '?' : prettyBytes(bytes, { binary: true });
}

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
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
