import { readFile } from 'node:fs/promises';
import { PetitError } from '../../../driver/errors.js';
import { exportTables } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { useNetwork } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { persistence } from '../../options.js';
import { createFace } from '../../output/reporter.js';
import { names } from '../../output/run-outcome.js';
import { count, duration, inRows, printable, rowRate, size, table } from '../../output/table.js';
import { tuneV8 } from '../../v8-flags.js';

/** @import { Command } from 'commander' */
/** @import { Finished } from '../../output/run-outcome.js' */
/** @import { Surroundings } from '../../program.js' */
/** @import { ExportSummary, RunEvent as Event } from '../../../types.js' */

/**
 * @param {string} database
 * @param {string[]} tables
 * @param {Record<string, any>} options
 * @param {Command} command
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
export async function td2parquet(database, tables, options, command, { process, signal }) {
  const goOn = (/** @type {Finished} */ finished) =>
    options.overwrite || finished.tables.length === 0
      ? `${finished.sentence} Run the same command again.`
      : `${finished.sentence} Run it again for the tables that are left: ${names(finished.left)}.`;
  const face = createFace(process, { json: options.json, progress: options.progress, signal, goOn });
  try {
    const { account } = await findAccounts(command, process, { account: ACCOUNT }, face.say);
    await useNetwork(process.env, options);
    tuneV8();
    const summary = await exportTables({
      ...options,
      ...persistence(options),
      account,
      database,
      tables,
      query: await query(options),
      signal,
      onEvent: (event) => {
        face.onEvent(event);
        if (event.type === 'plan' && options.dryRun) face.result(planText(event));
      },
    });
    face.close();
    if (options.dryRun) return summary.problems.length > 0 ? EXIT.planHasErrors : EXIT.ok;
    face.result(summaryText(summary));
    for (const { table, notes } of summary.tables) {
      for (const note of notes) face.say(`Note: ${printable(table)}: ${printable(note)}`);
    }
    return exitCode(summary);
  } catch (error) {
    return face.fail(error);
  }
}

/** @param {Record<string, any>} options
 * @returns {Promise<string | undefined>} */
async function query({ query, queryFile }) {
  if (query !== undefined && queryFile !== undefined) {
    throw new PetitError('invalid_option', '--query and --query-file exclude each other');
  }
  if (queryFile === undefined) return query;
  try {
    return await readFile(queryFile, 'utf8');
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('invalid_option', `the query file cannot be read: ${message}`, {
      hint: 'Check the path after --query-file.',
    });
  }
}

/** @param {any} plan */
function planText({ database, tasks, problems }) {
  const rows = tasks.map((/** @type {any} */ task) => [
    task.table,
    count(task.rows),
    size(task.bytes),
    task.outputPath,
    task.sql ?? `job ${task.jobId}`,
  ]);
  const lines = [
    `Dry run: nothing was run, nothing was written.`,
    '',
    table(['TABLE', 'ROWS (about)', 'STORED (about)', 'FILE', 'QUERY'], rows, { right: [1, 2] }),
    '',
    `${tasks.length} file${tasks.length === 1 ? '' : 's'} from the database ${printable(database)}.`,
  ];
  for (const { table, message } of problems) {
    lines.push(`ERROR: ${table ? `${printable(table)}: ` : ''}${printable(message)}`);
  }
  lines.push(
    problems.length > 0
      ? 'Resolve these errors, then run it for real without --dry-run.'
      : 'Run it for real without --dry-run.',
  );
  return lines.join('\n');
}

/** @param {ExportSummary} summary */
function summaryText({ tables, errors, rows, bytes, seconds }) {
  const done = tables.map((exported) => [
    exported.table,
    'done',
    count(exported.rows),
    size(exported.bytes),
    duration(exported.seconds),
    exported.outputPath,
  ]);
  const failed = errors.map((error) => [error.table ?? '', 'FAILED', '', '', '', error.code]);
  const speed = seconds > 0 ? `, ${rowRate(rows, seconds)}` : '';
  return [
    table(['TABLE', 'STATE', 'ROWS', 'SIZE', 'TIME', 'FILE'], [...done, ...failed], { right: [2, 3, 4] }),
    '',
    `${tables.length} of ${tables.length + errors.length} exported: ${inRows(rows)}, ${size(bytes)} in ${duration(seconds)}${speed}`,
  ].join('\n');
}

/** @param {ExportSummary} summary */
function exitCode({ errors }) {
  if (errors.length === 0) return EXIT.ok;
  const mismatch = errors.every((error) => error.code === 'row_count_mismatch');
  return mismatch ? EXIT.mismatch : EXIT.someFailed;
}
