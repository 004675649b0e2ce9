import { count, duration, inRows, rowRate, size } from '../../../shared/format.js';
import { plannedJobs } from '../../../shared/totals.js';
import { notChosenText, timeRangeLines, totalText } from '../../output/choice.js';
import { PLAIN } from '../../output/colors.js';
import { maskLines, personalLines, sampleLines } from '../../output/masks.js';
import { RECOVERY_HINT } from '../../output/recovery.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { planTable, table } from '../../output/table.js';

/** @import { ClonePlan, CloneSummary, PlannedTable } from '../../../types.js' */
/** @import { Screen } from '../../output/colors.js' */

/**
 * The output of a dry run.
 * @param {ClonePlan} plan
 * @param {{ screen?: Screen, all?: boolean | undefined, maskStrict?: boolean | undefined }} [options] `all`: show all tables, also on a terminal
 */
export function planText(plan, options = {}) {
  const { sourceDatabase, destinationDatabase } = plan;
  const sections = [
    [
      `Dry run of ${escapeControlChars(sourceDatabase)} to ${escapeControlChars(destinationDatabase)}: nothing was written.`,
      `From ${escapeControlChars(plan.source)} to ${escapeControlChars(plan.destination)}.`,
      ...timeRangeLines(plan.timeRange),
    ],
    [tableOf(plan, options)],
    overview(plan),
    updates(plan),
    sampleLines(plan.tables),
    maskLines(plan.tables),
    personalLines(plan.personal, { isStrict: options.maskStrict }),
    dataLoss(plan),
    views(plan),
    warnings(plan),
    leftovers(plan),
    problems(plan),
    [
      hasProblems(plan)
        ? 'Fix the errors, then run again without --dry-run.'
        : 'To copy the tables, run again without --dry-run.',
    ],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/**
 * @param {ClonePlan} plan
 * @param {{ screen?: Screen, all?: boolean | undefined }} options
 */
function tableOf({ tables }, options) {
  const rows = tables.map((planned) => [
    planned.action.toUpperCase(),
    planned.table,
    count(planned.rows),
    size(planned.bytes),
    planned.via ?? '',
    jobCount(planned),
  ]);
  return planTable(['ACTION', 'TABLE', 'ROWS (about)', 'STORED (about)', 'VIA', 'JOBS (about)'], rows, {
    ...options,
    ...{ right: [2, 3, 5], once: [0, 4, 5], words: [0] },
  });
}

/** @param {PlannedTable} planned */
const jobCount = (planned) => (planned.copy ? count(plannedJobs(planned.rows, planned.copy)) : '');

/** @param {ClonePlan} plan */
function overview(plan) {
  const { totals, notChosen, shard, tables, createDatabase, destinationDatabase } = plan;
  const lines = Object.entries(totals).map(
    ([action, total]) =>
      `${action.toUpperCase()}: ${count(total.tables)} table${total.tables === 1 ? '' : 's'}, ` +
      `about ${inRows(total.rows)}, ${size(total.bytes)}`,
  );
  lines.push(planTotal(plan));
  if (notChosen > 0) lines.push(notChosenText(notChosen));
  if (shard) lines.push(`Shard ${shard.index} of ${shard.count}: other runs copy the other tables.`);
  const reasons = tables.flatMap(({ via, viaReason }) => (via ? [`Via ${via}: ${viaReason}.`] : []));
  lines.push(...new Set(reasons));
  if (createDatabase) lines.push(`The database ${escapeControlChars(destinationDatabase)} will be created.`);
  return lines;
}

/** Ranges of a table that are shown. */
const MAX_RANGES = 10;

/**
 * What is updated in each table, and why.
 * @param {ClonePlan} plan
 */
function updates({ tables }) {
  return tables.flatMap(({ table, action, update, rows, bytes }) => {
    if (!update) return [];
    const { reason, ranges, leftAlone, keptRows } = update;
    const shown = ranges.slice(0, MAX_RANGES);
    const others = ranges.length - shown.length;
    const kept = keptRows === undefined ? '' : `, ${inRows(keptRows)} are kept`;
    return [
      `${escapeControlChars(table)}: ${action.toUpperCase()}: ${escapeControlChars(reason)}`,
      ...(ranges.length > 0 ? [`  about ${inRows(rows)}, ${size(bytes)} come from the source${kept}`] : []),
      ...shown.map(
        ({ label, sourceRows, destinationRows }) =>
          `  ${label}: ${inRows(sourceRows)} in the source, ${count(destinationRows)} in the destination`,
      ),
      ...(others > 0 ? [`  and ${others} more ranges`] : []),
      ...leftAlone.map((text) => `  left as it is: ${text}`),
    ];
  });
}

/** @param {ClonePlan} plan */
function dataLoss({ tables }) {
  const replaced = tables.filter(({ overwrites }) => overwrites);
  if (replaced.length === 0) return [];
  return [
    'DATA LOSS: these tables of the destination will be replaced, and their rows deleted:',
    ...replaced.map(
      ({ table, overwrites }) =>
        `  ${escapeControlChars(table)}: about ${inRows(overwrites?.rows)}, ${size(overwrites?.bytes)}`,
    ),
  ];
}

/** @param {ClonePlan} plan */
function views({ views }) {
  const copied = views.filter(({ sql }) => sql);
  const skipped = views.filter(({ action }) => action === 'skip');
  return [
    ...(copied.length > 0 ? ['Logical views that will be created after the tables:'] : []),
    ...copied.map(({ action, sql }) => `  ${action.toUpperCase()}: ${escapeControlChars(sql)}`),
    ...(copied.length > 0
      ? [
          '  They run with the rights of their callers (SECURITY INVOKER), because TD does not show whether the',
          '  source’s views run with those of their definers.',
        ]
      : []),
    ...(skipped.length > 0
      ? ['Logical views that will not be copied (--views copy creates missing ones):']
      : []),
    ...skipped.map(({ view }) => `  ${escapeControlChars(view)}`),
  ];
}

/** @param {ClonePlan} plan */
function warnings({ tables, warnings }) {
  const tableWarnings = tables.flatMap(({ table, warnings }) =>
    warnings.map((warning) => `${table}: ${warning}`),
  );
  const all = [...warnings, ...tableWarnings];
  if (all.length === 0) return [];
  return ['The copy will differ from the source:', ...all.map((text) => `  ${escapeControlChars(text)}`)];
}

/** @param {ClonePlan} plan */
function leftovers({ orphans: { sessions, tables, jobs, inUse } }) {
  const kept =
    inUse.length > 0
      ? [
          'Another clone is running in this database. petit does not delete its staging tables and sessions:',
          ...inUse.map((name) => `  ${escapeControlChars(name)}`),
        ]
      : [];
  if (sessions.length + tables.length + jobs.length === 0) return kept;
  return [
    ...kept,
    'Leftovers of an earlier run, which will be deleted first:',
    ...jobs.map((job) => `  job ${escapeControlChars(job)}, which is still running and will be killed`),
    ...sessions.map((session) => `  bulk import session ${escapeControlChars(session)}`),
    ...tables.map((table) => `  table ${escapeControlChars(table)}`),
  ];
}

/** Whether a table or view of the plan cannot be copied.
 * @param {ClonePlan} plan */
export const hasProblems = ({ totals, tables, views }) =>
  totals.error !== undefined || [...tables, ...views].some(({ problem }) => problem);

/** @param {ClonePlan} plan */
function problems({ tables, views }) {
  const all = [...tables, ...views.map(({ view, problem }) => ({ table: view, problem }))];
  const failing = all.filter(({ problem }) => problem);
  if (failing.length === 0) return [];
  const lines = failing.map(
    ({ table, problem }) => `  ${escapeControlChars(table)}: ${escapeControlChars(problem?.message)}`,
  );
  if (failing.some(({ problem }) => problem?.code === 'already_exists')) {
    lines.push(
      'Use --skip-existing to skip existing tables, --overwrite to replace them, or --new-db to copy to another database.',
    );
  }
  return ['ERRORS:', ...lines];
}

/** The state of a copied table, by how it was verified.
 * @type {Record<string, string>} */
const VERIFIED = { count: 'verified', full: 'contents verified', none: 'not verified' };

/**
 * The output at the end of a run.
 * @param {CloneSummary} summary
 * @param {Screen} [screen]
 */
export function summaryText(summary, screen = PLAIN) {
  const { plan, tables, skipped, views, errors } = summary;
  const tableRows = [
    ...tables.map(copiedRow),
    ...skipped.map((name) => [name, 'SKIP', '', '', '', '', 'unchanged', '']),
    ...errors.map((error) => [
      error.table ?? '',
      error.code === 'publish_unknown' ? 'UNKNOWN' : 'FAILED',
      '',
      '',
      '',
      '',
      error.code,
      error.job ?? '',
    ]),
  ];
  const head = ['TABLE', 'ACTION', 'ROWS', 'UPLOADED', 'TIME', 'VIA', 'STATE', 'SOURCE JOB'];
  return [
    table(head, tableRows, { right: [2, 3, 4], words: [1, 6], screen }),
    '',
    resultLine(summary),
    ...timeRangeLines(plan.timeRange),
    ...viewLines(views),
    ...(tables.some(({ action }) => REPLACING.has(action)) ? [RECOVERY_HINT] : []),
    ...(errors.length > 0 ? [againText(plan)] : []),
  ].join('\n');
}

/** Actions that put a new table in place of an old one. */
const REPLACING = new Set(['overwrite', 'rebuild']);

/** @param {CloneSummary} summary */
export function resultLine({ plan, tables, skipped, errors, rows, bytes, seconds }) {
  const speed = seconds > 0 ? `, ${rowRate(rows, seconds)}` : '';
  return (
    `${escapeControlChars(plan.sourceDatabase)} to ${escapeControlChars(plan.destinationDatabase)}: ` +
    `${tables.length} copied, ${skipped.length} skipped, ${errors.length} failed` +
    `${plan.notChosen > 0 ? `, ${count(plan.notChosen)} not chosen` : ''}; ` +
    `${inRows(rows)}, ${size(bytes)} in ${duration(seconds)}${speed}`
  );
}

/** What `--quiet` leaves of a dry run: the errors and the total. @param {ClonePlan} plan */
export const planLine = (plan) => [...problems(plan), planTotal(plan)].join('\n');

/** @param {ClonePlan} plan */
const planTotal = ({ tables }) =>
  totalText(tables.filter(({ copy }) => copy).map(({ copy, ...table }) => ({ ...copy, ...table })));

/** @param {ClonePlan} plan */
const againText = ({ tables }) =>
  tables.some(({ update }) => update)
    ? 'Run the same command again to copy what is missing.'
    : 'Run again with --skip-existing to copy only the missing tables.';

/** @param {CloneSummary['views']} views */
function viewLines(views) {
  const created = views.filter(({ state }) => state === 'done').length;
  const skipped = views.length - created;
  return [
    ...(created > 0 ? [`Logical views created: ${count(created)}`] : []),
    ...(skipped > 0
      ? [`Logical views not copied: ${count(skipped)} (--views copy creates missing ones)`]
      : []),
  ];
}

/** @param {CloneSummary['tables'][number]} copied */
const copiedRow = ({ table, action, rows, bytes, seconds, via, verified, sourceJob }) => [
  table,
  action.toUpperCase(),
  count(rows),
  size(bytes),
  duration(seconds),
  via,
  VERIFIED[verified] ?? '',
  sourceJob,
];
