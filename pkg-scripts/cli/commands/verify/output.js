import { count, duration } from '../../../shared/format.js';
import { timeRangeLines } from '../../output/choice.js';
import { escapeControlChars } from '../../output/sanitize.js';

/** @import { RangeDifference } from '../../../core.js' */
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

/** What makes the ranges equal. */
const REPAIR = 'Repair: petit clone-db with --update --verify full copies the ranges that differ again.';
/** Maximum number of ranges of a table that are printed. The events have all. */
const MAX_RANGES = 50;

/**
 * The output at the end of a comparison: a line per table, and the totals.
 * @param {VerifySummary} summary
 */
export function summaryText(summary) {
  const { tables, timeRange } = summary;
  const width = Math.max(0, ...tables.map(({ table }) => escapeControlChars(table).length));
  return [
    ...tables.flatMap((comparison) => [comparisonLine(comparison, width), ...rangeLines(comparison)]),
    ...(tables.length > 0 ? [''] : []),
    resultLine(summary),
    ...timeRangeLines(timeRange),
    ...(tables.some(({ ranges = [] }) => ranges.length > 0) ? [REPAIR] : []),
  ].join('\n');
}

/** @param {VerifySummary} summary */
export function resultLine({ sourceDatabase, destinationDatabase, tables, notChosen, seconds }) {
  const totals = RESULTS.flatMap(([sign, label]) => {
    const number = tables.filter((comparison) => comparison.sign === sign).length;
    return number > 0 ? [`${number} ${label}`] : [];
  });
  if (notChosen > 0) totals.push(`${count(notChosen)} not chosen`);
  const names = `${escapeControlChars(sourceDatabase)} and ${escapeControlChars(destinationDatabase)}`;
  return `${names}: ${totals.join(', ') || 'no tables'}, in ${duration(seconds)}`;
}

/**
 * @param {Comparison} comparison
 * @param {number} width of the column of names
 */
function comparisonLine({ table, sign, differences, sourceRows }, width) {
  const details = sign === '=' ? `${count(sourceRows)} rows` : differences.join('; ');
  return `${sign} ${escapeControlChars(table).padEnd(width)}  ${escapeControlChars(details)}`;
}

/** @param {Comparison} comparison */
function rangeLines({ ranges = [] }) {
  const shown = ranges.slice(0, MAX_RANGES);
  const width = Math.max(0, ...shown.map(({ label }) => label.length));
  const more = ranges.length - shown.length;
  return [
    ...shown.map((range) => `    ${range.label.padEnd(width)}  ${rowsOf(range)}`),
    ...(more > 0 ? [`    and ${count(more)} more; --json lists all`] : []),
  ];
}

/** @param {RangeDifference} range */
const rowsOf = ({ sourceRows, destinationRows }) =>
  sourceRows === destinationRows
    ? `${count(sourceRows)} rows on each side, with other contents`
    : `${count(sourceRows)} rows in the source, ${count(destinationRows)} in the destination`;
