/** @import { CloneReport, CloneSummary } from '../types.js' */

/**
 * The summary as plain data.
 * @param {CloneSummary} summary
 * @returns {CloneReport}
 */
export function toReport({ plan, tables, skipped, errors, rows, bytes, seconds }) {
  const { source, destination, sourceDatabase, destinationDatabase } = plan;
  return {
    ...{ source, destination, sourceDatabase, destinationDatabase, rows, bytes, seconds, tables, skipped },
    errors: errors.map((error) => error.toJSON()),
  };
}
