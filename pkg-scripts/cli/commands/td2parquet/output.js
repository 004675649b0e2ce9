import { count, duration, inRows, rowRate, size } from '../../../shared/format.js';
import { notChosenText, timeRangeLines } from '../../output/choice.js';
import { maskLines, sampleLines } from '../../output/masks.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { table } from '../../output/table.js';

/** @import { ExportPlan, ExportSummary, ExportTask } from '../../../types.js' */

/**
 * The output of a dry run.
 * @param {ExportPlan & { database: string }} plan
 */
export function planText({ database, tasks, problems, notChosen, skippedViews, timeRange }) {
  const rows = tasks.map((task) => [
    task.isView ? `${task.table} (view)` : task.table,
    count(task.rows),
    size(task.bytes),
    task.outputPath,
    task.sql ?? `job ${task.jobId}`,
  ]);
  const errors = problems.map(
    ({ table, message }) =>
      `ERROR: ${table ? `${escapeControlChars(table)}: ` : ''}${escapeControlChars(message)}`,
  );
  return [
    'Dry run: no table was queried, nothing was written.',
    '',
    table(['TABLE', 'ROWS (about)', 'STORED (about)', 'FILE', 'QUERY'], rows, { right: [1, 2] }),
    '',
    ...tasks.flatMap(overwriteLines),
    `${tasks.length} file${tasks.length === 1 ? '' : 's'} from the database ${escapeControlChars(database)}.`,
    ...(notChosen > 0 ? [notChosenText(notChosen)] : []),
    ...timeRangeLines(timeRange),
    ...sampleLines(tasks),
    ...maskLines(tasks),
    ...skippedViews.map(
      (view) => `NOT CHOSEN: the view ${escapeControlChars(view)}; name it to export its rows`,
    ),
    ...errors,
    problems.length > 0
      ? 'Fix the errors, then run again without --dry-run.'
      : 'To export the tables, run again without --dry-run.',
  ].join('\n');
}

/** @type {Record<string, string>} */
const ACTIONS = { replace: 'REPLACE', replace_or_delete: 'REPLACE OR DELETE', delete: 'DELETE' };

/**
 * The files that a task replaces or deletes, and those that could be in its way.
 * @param {ExportTask} task
 */
const overwriteLines = ({ overwrites, unlisted }) => [
  ...overwrites.map(({ path, action }) => `${ACTIONS[action]}: ${escapeControlChars(path)}`),
  ...unlisted.map(
    (path) =>
      `KEEP: ${escapeControlChars(path)} (not written by petit; the export fails if it has rows for this partition)`,
  ),
];

/**
 * The output at the end of a run.
 * @param {ExportSummary} summary
 */
export function summaryText({ tables, errors, rows, bytes, seconds, timeRange }) {
  const tableRows = [
    ...tables.map(exportedRow),
    ...errors.map((error) => [error.table ?? '', 'FAILED', '', '', '', error.code]),
  ];
  const speed = seconds > 0 ? `, ${rowRate(rows, seconds)}` : '';
  return [
    table(['TABLE', 'STATE', 'ROWS', 'SIZE', 'TIME', 'FILE'], tableRows, { right: [2, 3, 4] }),
    '',
    `${tables.length} of ${tables.length + errors.length} exported: ${inRows(rows)}, ${size(bytes)} in ${duration(seconds)}${speed}`,
    ...timeRangeLines(timeRange),
  ].join('\n');
}

/** @param {ExportSummary['tables'][number]} exported */
const exportedRow = ({ table, rows, bytes, seconds, outputPath }) => [
  table,
  'done',
  count(rows),
  size(bytes),
  duration(seconds),
  outputPath,
];
