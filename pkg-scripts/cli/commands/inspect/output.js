import { toJson } from '../../../driver/utils/bigint-json.js';
import { count, size } from '../../../shared/format.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { table } from '../../output/table.js';

/** @import { InspectedFile } from '../../../types.js' */

/** Row groups that are listed. `--json` lists all. */
const MAX_ROW_GROUPS = 20;

/** @param {InspectedFile} file */
export function fileText(file) {
  if (file.ddl !== undefined) return file.ddl.trimEnd();
  const parts = [headline(file), columnsText(file), rowGroupsText(file), metadataText(file), rowsText(file)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** @param {InspectedFile} file */
function headline({ file, bytes, rows, rowGroups, createdBy = 'an unknown program' }) {
  const groups = `${count(rowGroups.length)} row group${rowGroups.length === 1 ? '' : 's'}`;
  const name = escapeControlChars(file);
  return `${name}: ${count(rows)} rows in ${groups}, ${size(bytes)}, written by ${escapeControlChars(createdBy)}`;
}

/** @param {InspectedFile} file */
function columnsText({ columns }) {
  const rows = columns.map(({ name, tdType = '', arrowType, bytes, uncompressedBytes, ...column }) => [
    ...[name, tdType, arrowType, size(bytes), size(uncompressedBytes)],
    ...[column.compressions.join(', '), column.encodings.join(', ')],
  ]);
  const heads = ['COLUMN', 'TD TYPE', 'ARROW TYPE', 'SIZE', 'UNCOMPRESSED', 'CODEC', 'ENCODINGS'];
  return table(heads, rows, { right: [3, 4] });
}

/** @param {InspectedFile} file */
function rowGroupsText({ rowGroups }) {
  if (rowGroups.length === 0) return '';
  const rows = rowGroups
    .slice(0, MAX_ROW_GROUPS)
    .map((group, index) => [
      ...[String(index), count(group.rows), size(group.bytes), size(group.uncompressedBytes)],
    ]);
  const more = rowGroups.length - rows.length;
  const text = table(['ROW GROUP', 'ROWS', 'SIZE', 'UNCOMPRESSED'], rows, { right: [0, 1, 2, 3] });
  return more > 0 ? `${text}\n${count(more)} more row groups; --json lists them.` : text;
}

/** @param {InspectedFile} file */
function metadataText({ metadata }) {
  if (metadata.length === 0) return '';
  return table(['METADATA', 'VALUE'], metadata);
}

/** @param {InspectedFile} file */
function rowsText({ columns, firstRows }) {
  if (!firstRows) return '';
  const text = (/** @type {unknown} */ value) =>
    typeof value === 'string' ? value : toJson(/** @type {object} */ (value));
  const rows = firstRows.map((row) => row.map((value) => (value === null ? 'NULL' : text(value))));
  return table(
    columns.map(({ name }) => escapeControlChars(name)),
    rows,
  );
}
