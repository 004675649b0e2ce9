import { count } from '../../pkg-scripts/shared/format.js';
import { describeRecord, popRecord, saveRecord } from '../run/record.js';

/** @import { Notice, RunRecord } from '../run/record.js' */
/** @import { ExportRun } from './run-state.js' */

const KEY = 'petit.export';

/** @typedef {RunRecord & { database: string, isDownload: boolean, files: number }} ExportRecord */

/** @param {ExportRun} run */
export function saveExportRecord({ status, database, isDownload, tables, counts: { done, failed } }) {
  /** @type {ExportRecord} */
  const record = { status, database, isDownload, files: tables.size, done, failed };
  saveRecord(KEY, record);
}

/** The notice about an export before the reload, once. */
export function popExportNotice() {
  const record = /** @type {ExportRecord | undefined} */ (popRecord(KEY));
  return record && describeExport(record);
}

/**
 * @param {ExportRecord} record
 * @returns {Notice}
 */
export function describeExport(record) {
  const { database, isDownload, files, done, failed } = record;
  const kept = isDownload
    ? 'None of them was downloaded, because downloads start at the end of an export.'
    : 'Written files are complete. An unfinished file may be left empty, and you can delete it.';
  return describeRecord(record, {
    name: `The export of ${database}`,
    counts: `${count(done)} of ${count(files)} files were written, ${count(failed)} failed`,
    resume: `${kept} To get the missing files, connect again and restart the export.`,
  });
}
