import { count, inRows, size } from '../../shared/format.js';
import { plannedJobs } from '../../shared/totals.js';
import { escapeControlChars } from './sanitize.js';

/** @import { PlannedRange } from '../../types.js' */

/**
 * A line about the tables that are not chosen. Their names are not in it, because they may be thousands.
 * @param {number} number
 */
export const notChosenText = (number) => `NOT CHOSEN: ${count(number)} table${number === 1 ? '' : 's'}`;

/**
 * A line about all tables that are read.
 * @param {{ rows?: bigint | undefined, bytes?: bigint | undefined, sliceRows?: bigint | undefined, jobId?: string | undefined }[]} tables
 */
export function totalText(tables) {
  const sum = (/** @type {(bigint | undefined)[]} */ numbers) =>
    numbers.reduce((/** @type {bigint} */ total, number) => total + (number ?? 0n), 0n);
  const jobs = tables
    .filter(({ jobId }) => jobId === undefined)
    .reduce((total, task) => total + plannedJobs(task.rows, task), 0);
  const amounts = [inRows(sum(tables.map(({ rows }) => rows))), size(sum(tables.map(({ bytes }) => bytes)))];
  return `TOTAL: about ${amounts.join(', ')}, ${count(jobs)} job${jobs === 1 ? '' : 's'}`;
}

/**
 * A line about the time range, or none.
 * @param {PlannedRange | undefined} range
 */
export function timeRangeLines(range) {
  if (!range) return [];
  const { column, startTime, endTime } = range;
  const start = startTime === undefined ? [] : [`from ${escapeControlChars(startTime)} (inclusive)`];
  const end = endTime === undefined ? [] : [`to ${escapeControlChars(endTime)} (exclusive)`];
  return [`Only rows with ${escapeControlChars(column)} ${[...start, ...end].join(' ')}.`];
}
