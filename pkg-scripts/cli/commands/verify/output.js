import { count, duration } from '../../../shared/format.js';
import { timeRangeLines } from '../../output/choice.js';
import { escapeControlChars } from '../../output/sanitize.js';

/** @import { Comparison, VerifySummary } from '../../../types.js' */

/** The results of a comparison as the last line names them.
 * @type {[sign: string, label: string][]} */
const RESULTS = [
  ['=', 'equal'],
  ['*', 'different'],
  ['+', 'only in the source'],
  ['-', 'only in the destination'],
  ['!', 'failed'],
];

/**
 * The output at the end of a comparison: a line per table, and the totals.
 * @param {VerifySummary} summary
 */
export function summaryText({ sourceDatabase, destinationDatabase, tables, notChosen, timeRange, seconds }) {
  const width = Math.max(0, ...tables.map(({ table }) => escapeControlChars(table).length));
  const totals = RESULTS.flatMap(([sign, label]) => {
    const number = tables.filter((comparison) => comparison.sign === sign).length;
    return number > 0 ? [`${number} ${label}`] : [];
  });
  if (notChosen > 0) totals.push(`${count(notChosen)} not chosen`);
  return [
    ...tables.map((comparison) => comparisonLine(comparison, width)),
    ...(tables.length > 0 ? [''] : []),
    `${escapeControlChars(sourceDatabase)} and ${escapeControlChars(destinationDatabase)}: ` +
      `${totals.join(', ') || 'no tables'}, in ${duration(seconds)}`,
    ...timeRangeLines(timeRange),
  ].join('\n');
}

/**
 * @param {Comparison} comparison
 * @param {number} width of the column of names
 */
function comparisonLine({ table, sign, differences, sourceRows }, width) {
  const details = sign === '=' ? `${count(sourceRows)} rows` : differences.join('; ');
  return `${sign} ${escapeControlChars(table).padEnd(width)}  ${escapeControlChars(details)}`;
}
