import { colored, PLAIN } from './colors.js';
import { clip, width } from './fit-line.js';
import { escapeControlChars } from './sanitize.js';

/** @import { Screen } from './colors.js' */

/** Between two columns. */
const GAP = '  ';
/** Rows that a terminal shows of a long table, unless all are wanted. */
const MAX_ROWS = 20;
/** Columns to which the widest column of a table is cut at most. */
const MIN_WIDTH = 12;

/**
 * @typedef {object} TableOptions
 * @property {number[]} [right] indexes of the columns to align right
 * @property {number[]} [words] indexes of the columns with actions or states, which have colours
 * @property {Screen} [screen] where the table is shown (default: in a file)
 */

/**
 * Formats rows as plain text in columns. Linear in the text: a database may have 10,000 tables.
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {TableOptions} [options]
 */
export function table(head, rows, { right = [], words = [], screen = PLAIN } = {}) {
  const lines = [head, ...rows.map((row) => row.map(escapeControlChars))];
  const widths = fitted(
    head.map((_, column) => lines.reduce((widest, line) => Math.max(widest, width(line[column])), 0)),
    screen.columns,
  );
  const last = head.length - 1;
  const pad = (/** @type {string} */ text, /** @type {number} */ column) => {
    const cell = clip(text, widths[column] ?? 0);
    const blanks = (widths[column] ?? 0) - width(cell);
    if (right.includes(column)) return ' '.repeat(blanks) + cell;
    return column === last ? cell : cell + ' '.repeat(blanks);
  };
  const [first, ...rest] = lines.map((line) => line.map(pad));
  const body = rest.map((cells) =>
    cells.map((cell, column) => (words.includes(column) ? colored(cell, screen.colors) : cell)),
  );
  return [first ?? [], ...body].map((cells) => cells.join(GAP).trimEnd()).join('\n');
}

/**
 * The widths of columns that fit into a terminal: the widest ones are cut, because names are longer than numbers.
 * @param {number[]} widths
 * @param {number} [columns] of the terminal
 */
function fitted(widths, columns = Number.POSITIVE_INFINITY) {
  const cut = [...widths];
  const gaps = GAP.length * (widths.length - 1);
  for (;;) {
    const surplus = cut.reduce((sum, one) => sum + one, gaps) - columns;
    const widest = Math.max(...cut);
    if (surplus <= 0 || widest <= MIN_WIDTH) return cut;
    const next = Math.max(MIN_WIDTH, ...cut.filter((one) => one < widest));
    cut[cut.indexOf(widest)] = Math.max(next === widest ? MIN_WIDTH : next, widest - surplus, MIN_WIDTH);
  }
}

/**
 * The table of a plan. On a terminal it says once what is the same for all rows, and shows the first rows of many.
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {TableOptions & { all?: boolean | undefined, once?: number[] }} options `once`: indexes of the columns that may be
 *   said once; `all`: show all rows
 */
export function planTable(head, rows, { right = [], words = [], once = [], all = false, screen = PLAIN }) {
  if (screen.columns === undefined) return table(head, rows, { right });
  const same = rows.length > 1 ? once.filter((column) => isConstant(rows, column)) : [];
  const kept = head.map((_, column) => column).filter((column) => !same.includes(column));
  const pick = (/** @type {string[]} */ row) => kept.map((column) => row[column] ?? '');
  const shown = all ? rows : rows.slice(0, MAX_ROWS);
  const hidden = rows.length - shown.length;
  const indexes = (/** @type {number[]} */ columns) =>
    columns.filter((column) => kept.includes(column)).map((column) => kept.indexOf(column));
  const facts = same.map((column) => `${head[column]}: ${escapeControlChars(rows[0]?.[column] ?? '')}`);
  return [
    ...(facts.length > 0 ? [`All tables: ${facts.join(', ')}`] : []),
    table(pick(head), shown.map(pick), {
      ...{ right: indexes(right), words: indexes(words) },
      screen,
    }),
    ...(hidden > 0 ? [`… ${hidden} more (--all)`] : []),
  ].join('\n');
}

/** @param {string[][]} rows @param {number} column */
const isConstant = (rows, column) =>
  rows[0]?.[column] !== '' && rows.every((row) => row[column] === rows[0]?.[column]);
