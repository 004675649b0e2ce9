import { count, inRows } from '../../shared/format.js';
import { escapeControlChars } from './sanitize.js';

/** @import { PersonalReport, PlannedMask, PlannedSample } from '../../types.js' */

/**
 * The lines of a dry run about masked columns.
 * @param {{ table: string, masks: PlannedMask[], requiredMasks?: string[] }[]} tables
 * @returns {string[]}
 */
export function maskLines(tables) {
  const planned = tables.flatMap(({ table, masks }) =>
    masks.map(({ column, method }) => `  ${table}.${column}: ${method}`),
  );
  const required = tables.flatMap(({ table, requiredMasks = [] }) =>
    requiredMasks.map((rule) => `  ${table}: the rule ${rule}, which must match a column of the result`),
  );
  const lines = [...planned, ...required].map(escapeControlChars);
  return lines.length > 0 ? ['MASKED:', ...lines] : [];
}

/** Columns that are shown. */
const MAX_COLUMNS = 50;

/** @type {Record<string, string>} */
const SIGNS = { name: 'by its name', values: 'by its values' };

/**
 * The lines about columns that look personal and have no rule.
 * @param {PersonalReport | undefined} personal
 * @param {{ isStrict?: boolean | undefined }} [options]
 * @returns {string[]}
 */
export function personalLines(personal, { isStrict } = {}) {
  if (!personal) return [];
  const { columns, unread, queriedTables, notQueriedTables } = personal;
  const shown = columns
    .slice(0, MAX_COLUMNS)
    .map(
      ({ table, column, kind, sign, method }) =>
        `  ${table}.${column}: ${kind.replaceAll('_', ' ')}, ${SIGNS[sign]}; for example --mask ${table}.${column}=${method}`,
    );
  const others = columns.length - shown.length;
  const title = isStrict
    ? 'ERROR: NOT MASKED, BUT PERSONAL BY THEIR LOOK:'
    : 'NOT MASKED, BUT PERSONAL BY THEIR LOOK:';
  const lines = [
    ...(columns.length > 0 ? [title, ...shown] : ['No other column looks personal.']),
    ...(others > 0 ? [`  and ${count(others)} more columns`] : []),
    ...unread.map(({ table, reason }) => `  ${table} was not judged by its values: ${reason}`),
    ...(queriedTables > 0
      ? [
          `  At most 1,000 rows of ${tablesText(queriedTables)} were read, by one job each; no value is shown.`,
        ]
      : []),
    ...(notQueriedTables > 0 ? [`  ${tablesText(notQueriedTables)} judged by names only.`] : []),
  ];
  return lines.map(escapeControlChars);
}

/** @param {number} number */
const tablesText = (number) => `${count(number)} table${number === 1 ? '' : 's'}`;

/**
 * The lines of a dry run about sampled tables.
 * @param {{ table: string, sample?: PlannedSample | undefined }[]} tables
 * @returns {string[]}
 */
export function sampleLines(tables) {
  const lines = tables.flatMap(({ table, sample }) => {
    if (!sample) return [];
    const rows = sample.rows === undefined ? '' : `, about ${inRows(sample.rows)}`;
    return [escapeControlChars(`  ${table}: ${sample.share} by ${sample.by ?? 'all columns'}${rows}`)];
  });
  return lines.length > 0 ? ['SAMPLED:', ...lines] : [];
}
