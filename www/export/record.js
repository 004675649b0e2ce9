// What outlives a reload: that there was an export, and how far it was. No key, and nothing of the data.
import { count } from '../../pkg-scripts/shared/format.js';

/** @import { ExportRun } from './run-state.js' */

const KEY = 'petit.export';

/**
 * @typedef {object} ExportRecord
 * @property {ExportRun['is']} is
 * @property {string} database
 * @property {boolean} isDownload
 * @property {number} files
 * @property {number} done
 * @property {number} failed
 */

/** @param {ExportRun} run */
export function keepExportRecord({ is, database, isDownload, files, counts: { done, failed } }) {
  try {
    const record = { is, database, isDownload, files: files.size, done, failed };
    sessionStorage.setItem(KEY, JSON.stringify(record));
  } catch {
    // Without storage a reload explains nothing; the run itself does not need it.
  }
}

/** The export of before the reload; it is told of once.
 * @returns {ExportRecord | undefined} */
export function takeExportRecord() {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What happened to the export, in words.
 * @param {ExportRecord} record
 * @returns {{ tone: 'good' | 'warn', title: string, text: string }}
 */
export function explainExport({ is, database, isDownload, files, done, failed }) {
  const counts = `${count(done)} of its ${count(files)} files were written, ${count(failed)} failed`;
  if (is === 'running' || is === 'stopping') {
    const kept = isDownload
      ? 'Files go to the downloads at the end of an export: there are none of this one.'
      : 'Those are whole, where you wanted them. Of the others there may be an empty file, which can be deleted.';
    return {
      tone: 'warn',
      title: `The export from ${database} stopped when the page was closed or reloaded`,
      text: `By then ${counts}. ${kept} To have the rest, connect again and start the export once more.`,
    };
  }
  return {
    tone: is === 'ended' && failed === 0 ? 'good' : 'warn',
    title: `The export from ${database} was over before the page was reloaded`,
    text: `${counts[0]?.toUpperCase()}${counts.slice(1)}.`,
  };
}
