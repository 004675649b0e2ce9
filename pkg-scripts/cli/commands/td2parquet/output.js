import { count, duration, inRows, rowRate, size } from '../../../shared/format.js';
import { notChosenText, timeRangeLines, totalText } from '../../output/choice.js';
import { PLAIN } from '../../output/colors.js';
import { maskLines, personalLines, sampleLines } from '../../output/masks.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { planTable, table } from '../../output/table.js';

/** @import { UpdateReason } from '../../../core.js' */
/** @import { ExportPlan, ExportSummary, ExportTask, PlannedExport } from '../../../types.js' */
/** @import { Screen } from '../../output/colors.js' */

/**
 * The output of a dry run.
 * @param {Omit<ExportPlan, 'tasks'> & { tasks: PlannedExport[], database: string }} plan
 * @param {{ screen?: Screen, all?: boolean | undefined, maskStrict?: boolean | undefined }} [options] `all`: show all tables, also on a terminal
 */
export function planText(
  { database, tasks, problems, notChosen, skippedViews, timeRange, personal },
  { screen = PLAIN, all, maskStrict: isStrict } = {},
) {
  const rows = tasks.map((task) => [
    task.isView ? `${task.table} (view)` : task.table,
    count(task.rows),
    size(task.bytes),
    task.outputPath,
    task.sql ?? `job ${task.jobId}`,
  ]);
  const errors = problems.map(problemLine);
  return [
    firstLine(tasks, personal),
    '',
    ...(errors.length > 0 ? [...errors.map(screen.colors.red), ''] : []),
    planTable(['TABLE', 'ROWS (about)', 'STORED (about)', 'FILE', 'QUERY'], rows, {
      ...{ right: [1, 2], screen, all },
    }),
    '',
    ...(tasks.length > 1 ? [totalText(tasks)] : []),
    ...tasks.flatMap(updateLines),
    ...tasks.flatMap(overwriteLines),
    `${tasks.length} file${tasks.length === 1 ? '' : 's'} from the database ${escapeControlChars(database)}.`,
    ...(notChosen > 0 ? [notChosenText(notChosen)] : []),
    ...timeRangeLines(timeRange),
    ...sampleLines(tasks),
    ...maskLines(tasks),
    ...personalLines(personal, { isStrict }),
    ...skippedViews.map(
      (view) => `NOT CHOSEN: the view ${escapeControlChars(view)}; name it to export its rows`,
    ),
    problems.length > 0
      ? 'Fix the errors, then run again without --dry-run.'
      : 'To export the tables, run again without --dry-run.',
  ].join('\n');
}

/** @param {ExportPlan['problems'][number]} problem */
const problemLine = ({ table, message }) =>
  `ERROR: ${table ? `${escapeControlChars(table)}: ` : ''}${escapeControlChars(message)}`;

/** What `--quiet` leaves of a dry run: the errors and the total.
 * @param {Pick<ExportPlan, 'problems'> & { tasks: PlannedExport[] }} plan */
export const planLine = ({ problems, tasks }) => [...problems.map(problemLine), totalText(tasks)].join('\n');
/**
 * What the dry run has done.
 * @param {PlannedExport[]} tasks
 * @param {ExportPlan['personal']} personal
 */
function firstLine(tasks, personal) {
  const done = [
    ...(tasks.some(({ update }) => update) ? ['rows were counted'] : []),
    ...(personal && personal.queriedTables > 0 ? ['some values were judged'] : []),
  ];
  const text = done.length > 0 ? `only ${done.join(' and ')}` : 'no table was queried';
  return `Dry run: ${text}, nothing was written.`;
}

/** @type {Record<UpdateReason, string>} */
const REASONS = {
  new: 'not in the manifest',
  rows: 'other rows',
  checksum: 'other contents',
  no_checksum: 'no checksum in the manifest',
  file: 'a file was changed or is missing',
  unfinished: 'a run was killed while it replaced the files',
};

/**
 * What an update of a folder does.
 * @param {PlannedExport} task
 */
function updateLines({ outputPath, update }) {
  if (!update) return [];
  const folder = escapeControlChars(outputPath);
  return [
    ...update.changed.map(
      ({ partition, reason, rows, exportedRows }) =>
        `EXPORT: ${folder}/${escapeControlChars(partition)} (${REASONS[reason]}: ${inRows(rows)}, ${count(exportedRows)} before)`,
    ),
    `${folder}: ${update.changed.length} partitions to export, ${update.kept} files stay, ${update.removed} to delete`,
  ];
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
 * @param {Screen} [screen]
 */
export function summaryText(summary, screen = PLAIN) {
  const { tables, errors, timeRange } = summary;
  const tableRows = [
    ...tables.map(exportedRow),
    ...errors.map((error) => [error.table ?? '', failureState(error), '', '', '', error.code]),
  ];
  return [
    table(['TABLE', 'STATE', 'ROWS', 'SIZE', 'TIME', 'FILE'], tableRows, {
      ...{ right: [2, 3, 4], words: [1], screen },
    }),
    '',
    resultLine(summary),
    ...timeRangeLines(timeRange),
  ].join('\n');
}

/** @param {ExportSummary} summary */
export function resultLine({ tables, errors, rows, bytes, seconds }) {
  const speed = seconds > 0 ? `, ${rowRate(rows, seconds)}` : '';
  return `${tables.length} of ${tables.length + errors.length} exported: ${inRows(rows)}, ${size(bytes)} in ${duration(seconds)}${speed}`;
}

/** @param {ExportSummary['errors'][number]} error */
const failureState = ({ code }) => (code === 'publish_unknown' ? 'UNKNOWN' : 'FAILED');

/** @param {ExportSummary['tables'][number]} exported */
const exportedRow = ({ table, rows, bytes, seconds, outputPath, files, removed }) => [
  table,
  files === 0 && !removed ? 'unchanged' : 'done',
  count(rows),
  size(bytes),
  duration(seconds),
  outputPath,
];
