import stringWidth from 'string-width';
import { escapeControlChars } from './sanitize.js';

/** Between two columns. */
const GAP = '  ';

/**
 * Formats rows as plain text in columns. Linear in the text: a database may have 10,000 tables.
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {{ right?: number[] }} [options] `right`: indexes of the columns to align right
 */
export function table(head, rows, { right = [] } = {}) {
  const lines = [head, ...rows.map((row) => row.map(escapeControlChars))];
  const widths = head.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, width(line[column])), 0),
  );
  const last = head.length - 1;
  const pad = (/** @type {string} */ cell, /** @type {number} */ column) => {
    const blanks = (widths[column] ?? 0) - width(cell);
    if (right.includes(column)) return ' '.repeat(blanks) + cell;
    return column === last ? cell : cell + ' '.repeat(blanks);
  };
  return lines.map((line) => line.map(pad).join(GAP).trimEnd()).join('\n');
}

/**
 * Terminal columns of a text. The library is slow, and most text is ASCII.
 * @param {string} [text]
 */
const width = (text = '') => (/^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text));
