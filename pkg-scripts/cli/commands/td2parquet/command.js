import { Option } from 'commander';
import { DEFAULTS } from '../../../driver/run/options.js';
import { addConnectionOptions, byteSize, siteOption, wholeNumber } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from '../../program.js' */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit td2parquet sales orders     one table, to dataset/sales_orders.parquet
  petit td2parquet sales            every table of the database
  petit td2parquet sales orders --start-time 2026-01-01 --end-time 2026-02-01
  petit td2parquet sales orders --partition day     a file per day
  petit td2parquet sales --query "SELECT MAX(id) FROM orders" --output n.parquet
  petit td2parquet sales --dry-run  what would be exported, and how large it is

The API key is read from the environment variable TD_API_KEY.
Exit codes: 0 all exported, 1 bad arguments, 2 no key or source refused, 3 some
tables failed, 4 row counts differ, 5 the dry run found errors, 130 interrupted.
`;

/**
 * @param {Command} command
 * @param {Surroundings} surroundings
 */
export function defineTd2parquet(command, surroundings) {
  command
    .description('Exports tables of a Treasure Data database, or the result of a query, to Parquet files.')
    .argument('<database>', 'database to export from')
    .argument('[table...]', 'tables to export; all of the database when none is named')
    .option('--endpoint <url>', 'API endpoint (a host without scheme gets https)')
    .addOption(siteOption('--site <site>', 'site of the account'))
    .option('-o, --output-dir <dir>', 'folder for the files {database}_{table}.parquet', DEFAULTS.outputDir)
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
        .default(DEFAULTS.compression),
    )
    .option('--row-group-rows <rows>', 'most rows in a row group', wholeNumber(1), DEFAULTS.rowGroupRows)
    .addOption(
      new Option(
        '--row-group-bytes <bytes>',
        'most bytes of rows in a row group, uncompressed (default: 8MiB; of more than 1,024 columns 8KiB for each)',
      ).argParser(byteSize),
    )
    .option('--chunk-size <rows>', 'most rows decoded at a time', wholeNumber(1), DEFAULTS.chunkSize)
    .addOption(
      new Option('--invalid-utf8 <how>', 'what to do about text that is not UTF-8')
        .choices(['error', 'replace', 'binary'])
        .default(DEFAULTS.invalidUtf8),
    )
    .option(
      '--download-parallelism <n>',
      'ranges downloaded at a time, per table',
      wholeNumber(1),
      DEFAULTS.downloadParallelism,
    )
    .addOption(
      new Option(
        '--partition <unit>',
        'make each table a folder of files, by the time of its rows (UTC), as Hive names them',
      ).choices(['hour', 'day', 'month', 'year']),
    )
    .option(
      '--split-rows <n>',
      'cut tables of more rows by time, into a job for each n rows; they still become one file (default: large tables are)',
      wholeNumber(1),
    )
    .option('--table-parallelism <n>', 'tables exported at a time', wholeNumber(1), DEFAULTS.tableParallelism)
    .option(
      '--workers <n>',
      'encoders running in parallel (default: one per core; 0: in the main thread)',
      wholeNumber(0),
    )
    .option('--overwrite', 'replace files that exist')
    .option('--profile', 'tell at the end what each stage did and waited for')
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
      const { td2parquet } = await import('./run.js');
      surroundings.end(await td2parquet(database, tables, options, command, surroundings));
    });
  addConnectionOptions(command, 'the key');
}
