import { count, duration, inRows, printable, rowRate, size, table } from '../../output/table.js';

/** @import { ClonePlan, CloneSummary } from '../../../types.js' */

/**
 * What a dry run shows.
 * @param {ClonePlan} plan
 */
export function planText(plan) {
  const { sourceDatabase, destinationDatabase, tables, totals } = plan;
  const rows = tables.map((planned) => [
    planned.action.toUpperCase(),
    planned.table,
    count(planned.rows),
    size(planned.bytes),
    planned.via ?? '',
    jobs(planned),
  ]);
  const lines = [
    `Dry run of ${printable(sourceDatabase)} to ${printable(destinationDatabase)}: nothing was written.`,
    `From ${printable(plan.source)} to ${printable(plan.destination)}.`,
    '',
    table(['ACTION', 'TABLE', 'ROWS (about)', 'STORED (about)', 'VIA', 'JOBS (about)'], rows, {
      right: [2, 3, 5],
    }),
    '',
    ...Object.entries(totals).map(
      ([action, total]) =>
        `${action.toUpperCase()}: ${count(total.tables)} table${total.tables === 1 ? '' : 's'}, ` +
        `about ${inRows(total.rows)}, ${size(total.bytes)}`,
    ),
  ];
  if (plan.shard)
    lines.push(`Shard ${plan.shard.index} of ${plan.shard.count}: other runs copy the other tables.`);
  lines.push(...reasons(plan));
  if (plan.createDatabase) lines.push(`The database ${printable(destinationDatabase)} will be created.`);
  const sections = [losses(plan), unfaithful(plan), leftovers(plan), problems(plan)];
  for (const section of sections) if (section.length > 0) lines.push('', ...section);
  lines.push(
    '',
    totals.error
      ? 'Resolve the errors, then run it for real without --dry-run.'
      : 'Run it for real without --dry-run.',
  );
  return lines.join('\n');
}

/** Into how many jobs a table is cut, roughly.
 * @param {import('../../../types.js').PlannedTable} planned */
const jobs = ({ rows, copy }) =>
  copy ? count(copy.sliceRows ? Math.ceil(Number(rows) / Number(copy.sliceRows)) : 1) : '';

/** Why the rows are moved as they are.
 * @param {ClonePlan} plan */
function reasons({ tables }) {
  const told = tables.flatMap(({ via, viaReason }) => (via ? [`Via ${via}: ${viaReason}.`] : []));
  return [...new Set(told)];
}

/** @param {ClonePlan} plan */
function losses({ tables }) {
  const lost = tables.filter(({ loses }) => loses);
  if (lost.length === 0) return [];
  return [
    'DATA LOSS: these tables of the destination will be replaced, and their rows are lost:',
    ...lost.map(
      ({ table, loses }) => `  ${printable(table)}: about ${inRows(loses?.rows)}, ${size(loses?.bytes)}`,
    ),
  ];
}

/** @param {ClonePlan} plan */
function unfaithful({ tables, warnings }) {
  const each = tables.flatMap(({ table, warnings }) => warnings.map((warning) => `${table}: ${warning}`));
  const all = [...warnings, ...each];
  return all.length === 0
    ? []
    : ['Where the copy will differ:', ...all.map((warning) => `  ${printable(warning)}`)];
}

/** @param {ClonePlan} plan */
function leftovers({ leftovers: { sessions, tables, jobs } }) {
  if (sessions.length + tables.length + jobs.length === 0) return [];
  return [
    'An earlier run left these behind; they will be deleted first:',
    ...jobs.map((job) => `  job ${printable(job)}, which still runs and will be killed`),
    ...sessions.map((session) => `  bulk import session ${printable(session)}`),
    ...tables.map((table) => `  table ${printable(table)}`),
  ];
}

/** @param {ClonePlan} plan */
function problems({ tables }) {
  const wrong = tables.filter(({ problem }) => problem);
  if (wrong.length === 0) return [];
  const exist = wrong.some(({ problem }) => problem?.code === 'already_exists');
  return [
    'ERRORS:',
    ...wrong.map(({ table, problem }) => `  ${printable(table)}: ${printable(problem?.message)}`),
    ...(exist
      ? [
          'Use --skip-existing to leave existing tables, --overwrite to replace them, or --new-db to copy elsewhere.',
        ]
      : []),
  ];
}

/** What is told of a table that was copied.
 * @type {Record<string, string>} */
const VERIFIED = { count: 'verified', full: 'contents verified', none: 'not verified' };

/**
 * What a run shows at its end.
 * @param {CloneSummary} summary
 */
export function summaryText({ plan, tables, skipped, errors, rows, bytes, seconds }) {
  const done = tables.map((cloned) => [
    cloned.table,
    cloned.action.toUpperCase(),
    count(cloned.rows),
    size(cloned.bytes),
    duration(cloned.seconds),
    cloned.via,
    VERIFIED[cloned.verified] ?? '',
    cloned.sourceJob,
  ]);
  const left = skipped.map((name) => [name, 'SKIP', '', '', '', '', 'left as it is', '']);
  const failed = errors.map((error) => [
    error.table ?? '',
    'FAILED',
    '',
    '',
    '',
    '',
    error.code,
    error.job ?? '',
  ]);
  const speed = seconds > 0 ? `, ${rowRate(rows, seconds)}` : '';
  const head = ['TABLE', 'ACTION', 'ROWS', 'UPLOADED', 'TIME', 'VIA', 'STATE', 'SOURCE JOB'];
  return [
    table(head, [...done, ...left, ...failed], { right: [2, 3, 4] }),
    '',
    `${printable(plan.sourceDatabase)} to ${printable(plan.destinationDatabase)}: ` +
      `${tables.length} copied, ${skipped.length} skipped, ${errors.length} failed; ` +
      `${inRows(rows)}, ${size(bytes)} in ${duration(seconds)}${speed}`,
    ...(errors.length > 0 ? ['Run it again with --skip-existing to copy only what is missing.'] : []),
  ].join('\n');
}
