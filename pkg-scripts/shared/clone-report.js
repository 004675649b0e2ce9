/** @import { CloneReport, CloneSummary } from '../types.js' */

/**
 * The summary as plain data.
 * @param {CloneSummary} summary
 * @returns {CloneReport}
 */
export function toReport({ plan, tables, skipped, views, errors, rows, bytes, seconds }) {
  const { source, destination, sourceDatabase, destinationDatabase, notChosen, timeRange } = plan;
  return {
    ...{ source, destination, sourceDatabase, destinationDatabase, notChosen },
    ...(timeRange && { timeRange }),
    ...{ rows, bytes, seconds, tables, skipped, views },
    errors: errors.map((error) => error.toJSON()),
  };
}
