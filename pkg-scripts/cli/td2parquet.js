import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import { PetitError } from '../driver/errors.js';
import { exportTables } from '../node.js';
import { EXIT } from './exit-codes.js';
import { createFace } from './face.js';
import { byteSize, siteOption, wholeNumber } from './options.js';
import { count, duration, printable, size, table } from './text.js';
import { userAgent } from './user-agent.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from './program.js' */
/** @import { ExportSummary } from '../driver/run-export.js' */
/** @import { Event } from '../driver/types.js' */

const EXAMPLES = `
Examples:
  TD_API_KEY=… petit td2parquet sales orders          one table, to dataset/sales_orders.parquet
  TD_API_KEY=… petit td2parquet sales                 every table of the database
  … petit td2parquet sales orders --start-time 2026-01-01 --end-time 2026-02-01
  … petit td2parquet sales --query "SELECT COUNT(1) FROM orders" --output count.parquet
  … petit td2parquet sales --dry-run                  what would be exported, and how large it is

The API key is read from the environment variable TD_API_KEY.
Exit codes: 0 all exported, 1 bad arguments, 2 no key or source refused, 3 some tables failed,
4 row counts differ, 5 the dry run found errors, 130 interrupted.
`;

/**
 * @param {Command} program
 * @param {Surroundings} surroundings
 */
export function addTd2parquet(program, surroundings) {
  program
    .command('td2parquet')
    .summary('export tables or queries to Parquet files')
    .description('Exports tables of a Treasure Data database, or the result of a query, to Parquet files.')
    .argument('<database>', 'database to export from')
    .argument('[table...]', 'tables to export; all of the database when none is named')
    .option('--endpoint <url>', 'API endpoint (a host without scheme gets https)')
    .addOption(siteOption('--site <site>', 'site of the account'))
    .option('-o, --output-dir <dir>', 'folder for the files {database}_{table}.parquet', 'dataset')
    .option('--output <file>', 'file for a single table, or for the result of --query or --job-id')
    .option('--query <sql>', 'export the result of this query instead of tables')
    .option('--query-file <file>', 'the same, the query read from a file')
    .option('--job-id <id>', 'export the result of this finished job, without running it again')
    .option('--time-column <column>', 'column that --start-time and --end-time look at (default: "time")')
    .option('--start-time <time>', 'first moment to export: a date (UTC) or an ISO 8601 time with its zone')
    .option('--end-time <time>', 'first moment not to export any more, likewise')
    .addOption(
      new Option('--compression <codec>', 'compression of the files')
        .choices(['snappy', 'zstd', 'gzip', 'lz4', 'none'])
        .default('zstd'),
    )
    .option('--row-group-rows <rows>', 'most rows in a row group', wholeNumber(1), 1_000_000)
    .addOption(
      new Option('--row-group-bytes <bytes>', 'most bytes of rows in a row group, uncompressed')
        .argParser(byteSize)
        .default(8 * 2 ** 20, '8MiB'),
    )
    .option('--chunk-size <rows>', 'most rows decoded at a time', wholeNumber(1), 10_000)
    .addOption(
      new Option('--invalid-utf8 <how>', 'what to do about text that is not UTF-8')
        .choices(['error', 'replace', 'binary'])
        .default('error'),
    )
    .option('--download-parallelism <n>', 'ranges downloaded at a time, per table', wholeNumber(1), 4)
    .option('--table-parallelism <n>', 'tables exported at a time', wholeNumber(1), 2)
    .option(
      '--workers <n>',
      'encoders running in parallel (default: one per core; 0: in the main thread)',
      wholeNumber(0),
    )
    .option('--retry-timeout <seconds>', 'how long trouble at Treasure Data may last', wholeNumber(0), 300)
    .option('--overwrite', 'replace files that exist')
    .option('--dry-run', 'show what would be exported; write nothing, run nothing')
    .option('--progress', 'show progress (default: on a terminal)')
    .option('--no-progress', 'show none')
    .option('--json', 'print events instead, one JSON object a line')
    .addOption(
      new Option('--use-incremental', 'accepted for compatibility: exports always stream').hideHelp(),
    )
    .addOption(
      new Option('--no-use-incremental', 'accepted for compatibility: exports always stream').hideHelp(),
    )
    .addHelpText('before', EXAMPLES)
    .action(async (database, tables, options) => {
      surroundings.end(await td2parquet(database, tables, options, surroundings));
    });
}

/**
 * @param {string} database
 * @param {string[]} tables
 * @param {Record<string, any>} options
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
async function td2parquet(database, tables, options, { process, signal }) {
  const face = createFace(
    process,
    options.progress === undefined ? { json: options.json } : /** @type {any} */ (options),
  );
  try {
    const summary = await exportTables({
      ...options,
      retryTimeoutMs: options.retryTimeout * 1000,
      account: { endpoint: options.endpoint ?? options.site, apikey: apikey(process.env), userAgent },
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

/** @param {Record<string, string | undefined>} env */
function apikey(env) {
  if (env.TD_API_KEY) return env.TD_API_KEY;
  throw new PetitError('missing_key', 'the environment variable TD_API_KEY is not set');
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
  const rate = seconds > 0 ? `, ${count(Math.round(rows / seconds))} rows/s` : '';
  return [
    table(['TABLE', 'STATE', 'ROWS', 'SIZE', 'TIME', 'FILE'], [...done, ...failed], { right: [2, 3, 4] }),
    '',
    `${tables.length} of ${tables.length + errors.length} exported: ${count(rows)} rows, ${size(bytes)} in ${duration(seconds)}${rate}`,
  ].join('\n');
}

/** @param {ExportSummary} summary */
function exitCode({ errors }) {
  if (errors.length === 0) return EXIT.ok;
  const mismatch = errors.every((error) => error.code === 'row_count_mismatch');
  return mismatch ? EXIT.mismatch : EXIT.someFailed;
}
