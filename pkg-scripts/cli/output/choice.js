import { count } from '../../shared/format.js';
import { escapeControlChars } from './sanitize.js';

/** @import { PlannedRange } from '../../types.js' */

/**
 * A line about the tables that are not chosen. Their names are not in it, because they may be thousands.
 * @param {number} number
 */
export const notChosenText = (number) => `NOT CHOSEN: ${count(number)} table${number === 1 ? '' : 's'}`;

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
