import { count, size } from '../../../shared/format.js';
import { RECOVERY_HINT } from '../../output/recovery.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { table } from '../../output/table.js';

/** @import { CleanupSummary, FileCleanupSummary } from '../../../types.js' */

/**
 * The leftovers, and what was done about them.
 * @param {CleanupSummary} summary
 * @param {{ remove: boolean }} request
 */
export function summaryText({ account, found, inaccessible, removed, errors }, { remove }) {
  const rows = leftoverRows(found);
  const lines =
    rows.length > 0
      ? [table(['TYPE', 'DATABASE', 'NAME', 'STATE', 'CREATED'], rows), '']
      : [`No leftovers of interrupted clones in ${escapeControlChars(account)}.`];
  if (inaccessible.length > 0)
    lines.push(`The API key cannot list the tables of ${inaccessible.map(escapeControlChars).join(', ')}.`);
  if (found.inUse.length > 0) {
    const names = found.inUse.map(({ name }) => `  ${escapeControlChars(name)}`);
    lines.push(
      'A running clone uses these, so petit does not delete them (--force NAME deletes one):',
      ...names,
    );
  }
  if (rows.length > 0) {
    lines.push(
      remove
        ? `${removed} deleted, ${found.jobs.length} killed, ${errors.length} failed.`
        : 'Nothing was deleted. To delete these leftovers, run again with --yes.',
    );
  }
  if (remove && removed > 0 && found.tables.length > 0) lines.push(RECOVERY_HINT);
  return lines.join('\n');
}

/**
 * The partial files of a folder, and what was done about them.
 * @param {FileCleanupSummary} summary
 * @param {{ remove: boolean }} request
 */
export function filesText({ folder, files, removed, errors }, { remove }) {
  if (files.length === 0) return `No partial files of exports in ${escapeControlChars(folder)}.`;
  const rows = files.map(({ path, bytes, modified, live }) => {
    return [live ? 'in use' : 'left', size(bytes), modified, path];
  });
  const inUse = files.filter(({ live }) => live).length;
  return [
    table(['STATE', 'SIZE', 'CHANGED', 'FILE'], rows, { right: [1] }),
    '',
    remove
      ? `${removed} deleted, ${inUse} in use, ${errors.length} failed.`
      : 'Nothing was deleted. To delete the files that are not in use, run again with --yes.',
  ].join('\n');
}

/**
 * @param {CleanupSummary['found']} found
 * @returns {string[][]}
 */
const leftoverRows = ({ jobs, sessions, tables }) => [
  ...jobs.map(({ database, jobId, status }) => ['job', database ?? '', jobId, status, '']),
  ...sessions.map(({ database, session, status }) => ['session', database, session, status, '']),
  ...tables.map(({ database, table, rows, bytes, created }) => {
    return ['table', database, table, `${count(rows)} rows, ${size(bytes)}`, created ?? ''];
  }),
];
