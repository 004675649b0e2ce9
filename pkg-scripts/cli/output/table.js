import Table from 'cli-table3';
import { printable } from './sanitize.js';

export { count, duration, inRows, rowRate, share, size } from '../../shared/format.js';
export { printable } from './sanitize.js';

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
