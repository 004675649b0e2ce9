/** @import { CloneRun } from './index.js' */

/**
 * The command that settles whether a table is in the destination.
 * @param {Pick<CloneRun, 'sourceDatabase' | 'destinationDatabase' | 'timeRange'>} run
 * @param {string} table
 */
export function verifyHint({ sourceDatabase, destinationDatabase: database, timeRange }, table) {
  const newDb = sourceDatabase === database ? '' : ` --new-db ${database}`;
  const range = rangeOptions(timeRange);
  return `To settle it, run with the same accounts: petit verify ${sourceDatabase} ${table}${newDb}${range}`;
}

/**
 * The options that choose the rows of a time range.
 * @param {{ startTime?: string, endTime?: string }} [range]
 */
const rangeOptions = ({ startTime, endTime } = {}) =>
  `${startTime ? ` --start-time ${startTime}` : ''}${endTime ? ` --end-time ${endTime}` : ''}`;
