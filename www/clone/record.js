import { describeRecord, popRecord, saveRecord } from '../run/record.js';

/** @import { Notice, RunRecord } from '../run/record.js' */
/** @import { CloneRun } from './run-state.js' */

const KEY = 'petit.clone';

/** @typedef {RunRecord & { sourceDatabase: string, destinationDatabase: string, tables: number, skipped: number }} CloneRecord */

/** @param {CloneRun} run */
export function saveCloneRecord({ plan, status, tables, counts: { done, skipped, failed } }) {
  const { sourceDatabase, destinationDatabase } = plan;
  /** @type {CloneRecord} */
  const record = { sourceDatabase, destinationDatabase, status, tables: tables.size, done, skipped, failed };
  saveRecord(KEY, record);
}

/** The notice about a clone before the reload, once. */
export function popCloneNotice() {
  const record = /** @type {CloneRecord | undefined} */ (popRecord(KEY));
  return record && describeClone(record);
}

/**
 * @param {CloneRecord} record
 * @returns {Notice}
 */
export function describeClone(record) {
  const { sourceDatabase, destinationDatabase, tables, done, skipped, failed } = record;
  return describeRecord(record, {
    name: `The clone of ${sourceDatabase} to ${destinationDatabase}`,
    counts: `${done} of ${tables} tables were copied, ${skipped} skipped, ${failed} failed`,
    resume:
      'Copied tables are complete and verified. Unfinished copies were not published. To resume, connect again ' +
      'and start the same clone with “Skip them”. petit deletes the leftovers first.',
    note: 'The report was lost with the reload.',
  });
}
