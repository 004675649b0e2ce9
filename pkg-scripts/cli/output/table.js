import Table from 'cli-table3';
import { escapeControlChars } from './sanitize.js';

/** Every part of a table's border, by cli-table3's names. */
const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right'],
  ...['bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
];
const NO_BORDERS = Object.fromEntries(BORDERS.map((name) => [name, '']));

/**
 * Formats rows as plain text in columns.
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {{ right?: number[] }} [options] `right`: indexes of the columns to align right
 */
export function table(head, rows, { right = [] } = {}) {
  const drawn = new Table({
    head,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: NO_BORDERS,
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
  });
  drawn.push(...rows.map((row) => row.map(escapeControlChars)));
  return drawn.toString().replace(/ +$/gm, '');
}
