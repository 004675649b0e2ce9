import stringWidth from 'string-width';

/** Blanks between the parts of a line. */
const GAP = '  ';
/** Columns of the shortest and of the longest bar. */
const MIN_BAR = 6;
const MAX_BAR = 40;

/**
 * A part of a line. Those with the highest rank are left out first, if the line is too long.
 * @typedef {{ text: string, rank: number }} Part
 */

/** A part that takes what is left of the line, if that is enough.
 * @typedef {{ bar: number }} Bar the share that is done, from 0 to 1 */

/**
 * A line of at most so many terminal columns.
 * @param {(Part | Bar)[]} parts in the order in which they are shown
 * @param {number} columns
 */
export function fitLine(parts, columns) {
  let shown = parts.filter((part) => 'bar' in part || part.text !== '');
  while (textWidth(shown) > columns) {
    const [last] = shown.filter(isPart).sort((a, b) => b.rank - a.rank);
    if (last === undefined || shown.filter(isPart).length === 1) break;
    shown = shown.filter((part) => part !== last);
  }
  const left = columns - textWidth(shown) - GAP.length;
  const texts = shown.map((part) => (isPart(part) ? clip(part.text, columns) : barText(part.bar, left)));
  return texts.filter((text) => text !== '').join(GAP);
}

/** @param {Part | Bar} part @returns {part is Part} */
const isPart = (part) => 'text' in part;

/** Columns of the parts without the bar. @param {(Part | Bar)[]} parts */
function textWidth(parts) {
  const widths = parts.filter(isPart).map(({ text }) => width(text));
  return widths.reduce((sum, one) => sum + one, 0) + GAP.length * Math.max(0, widths.length - 1);
}

/** @param {number} share @param {number} columns that are left */
function barText(share, columns) {
  if (columns < MIN_BAR) return '';
  const length = Math.min(columns, MAX_BAR);
  const done = Math.floor(Math.min(1, share) * length);
  return '█'.repeat(done) + '░'.repeat(length - done);
}

/**
 * Terminal columns of a text. The library is slow, and most text is ASCII.
 * @param {string} [text]
 */
export const width = (text = '') => (/^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text));

/**
 * The text, cut to so many columns, with an ellipsis at the cut.
 * @param {string} text without control characters
 * @param {number} columns
 */
export function clip(text, columns) {
  if (width(text) <= columns) return text;
  let [kept, used] = ['', 0];
  for (const char of text) {
    used += width(char);
    if (used > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/** The text with blanks up to so many columns. @param {string} text @param {number} columns */
export const pad = (text, columns) => text + ' '.repeat(Math.max(0, columns - width(text)));
