import { Option } from 'commander';
import { DEFAULTS, SHOWN_DEFAULTS } from '../../../driver/run/options.js';
import {
  addAccountOptions,
  addConnectionOptions,
  addDryRunOptions,
  addEncoderOptions,
  addMaskOptions,
  addMaskStrictOption,
  addOutputOptions,
  addSampleOptions,
  addShowValuesOption,
  addTableChoice,
  addTableParallelismOption,
  addTimeRange,
  collectColumns,
  GROUPS,
  integerAtLeast,
  ONE_KEY,
  parseByteSize,
} from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { ExportRequest, TimeRangeOptions } from '../../../types.js' */
/** @import { ConnectionOptions, MaskFlags, SampleFlags } from '../../options.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/**
 * The options of the command. Those with the names of the library have its values.
 * @typedef {Pick<ExportRequest, 'output' | 'outputDir' | 'query' | 'jobId' | 'timeColumn'
 *   | keyof TimeRangeOptions | 'exclude' | 'compression' | 'encodings' | 'rowGroupRows' | 'rowGroupBytes' | 'invalidUtf8'
 *   | 'columns' | 'limit' | 'timestampColumns' | 'partition' | 'fileSize' | 'update' | 'verify' | 'splitRows'
 *   | 'tableParallelism' | 'downloadParallelism' | 'chunkSize' | 'workers' | 'overwrite' | 'dryRun' | 'profile'
 *   | 'showValues' | 'maskStrict'> & ConnectionOptions & MaskFlags & SampleFlags & { queryFile?: string, all?: boolean, timings?: boolean, progress?: boolean, json?: boolean }} Td2parquetOptions
 */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit td2parquet sales orders     one table, to dataset/sales_orders.parquet
  petit td2parquet sales            every table of the database
  petit td2parquet sales 'web_*' --exclude '*_tmp'  by globs
  petit td2parquet sales orders --start-time 2026-01-01 --end-time 2026-02-01
  petit td2parquet sales orders --since 7d --timezone Asia/Tokyo
  petit td2parquet sales orders --columns id,time --timestamp-columns time
  petit td2parquet sales orders --partition day     one file per day
  petit td2parquet sales orders --file-size 256MiB  a folder of such files
  petit td2parquet sales --query "SELECT MAX(id) FROM orders" --output n.parquet
  petit td2parquet sales orders --output - > orders.parquet
  petit td2parquet sales --output-dir s3://bucket/sales
  petit td2parquet sales --dry-run  print the plan, run and write nothing

petit reads the API key from the environment variable TD_API_KEY.
Exit codes: 0 all tables exported, 1 bad arguments, 2 key or source missing or
refused, 3 some tables failed, 4 row counts differ, 5 the dry run found errors,
130 interrupted.
`;

const COMPATIBILITY = 'accepted for compatibility; exports always stream';

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineTd2parquet(command) {
  command
    .description('Exports tables of a Treasure Data database, or the result of a query, to Parquet files.')
    .argument('<database>', 'database to export from');
  addTableChoice(command, 'export');
  addAccountOptions(command);
  addSelectionOptions(command);
  addParquetOptions(command);
  addParallelismOptions(command);
  addRunOptions(command).addHelpText('before', EXAMPLES);
  addShowValuesOption(command);
  addConnectionOptions(command, ONE_KEY);
  return async (
    /** @type {CommandContext} */ context,
    /** @type {string} */ database,
    /** @type {string[]} */ tables,
    /** @type {Td2parquetOptions} */ options,
  ) => {
    const { td2parquet } = await import('./run.js');
    return td2parquet(context, command, { ...options, database, tables });
  };
}

/** @param {Command} command */
function addSelectionOptions(command) {
  command
    .optionsGroup(GROUPS.work)
    .option(
      '-o, --output-dir <dir>',
      'folder, or s3://bucket/prefix, gs://… or az://…, for the files {database}_{table}.parquet',
      DEFAULTS.outputDir,
    )
    .option(
      '--output <file>',
      'file, s3://bucket/key, gs://…, az://… or a signed https://…, for a single table or for the result of a query or ' +
        'job; - is standard output',
    )
    .option('--query <sql>', 'export the result of this query (Trino) instead of tables')
    .option('--query-file <file>', 'read the query from this file')
    .option('--job-id <id>', 'export the result of this finished job, without running it again')
    .option(
      '--time-column <column>',
      `column that the time range filters (default: "${SHOWN_DEFAULTS.timeColumn}")`,
    )
    .option(
      '--columns <names>',
      'export only these columns, in this order, such as id,price; repeatable (default: all)',
      collectColumns,
    )
    .option(
      '--limit <rows>',
      'at most so many rows of each table, or of each partition; which ones is not defined (default: all)',
      integerAtLeast(0),
    );
  addTimeRange(command);
  addMaskStrictOption(addMaskOptions(command));
  addSampleOptions(command);
}

/** @param {Command} command */
function addParquetOptions(command) {
  command
    .optionsGroup(GROUPS.files)
    .addOption(
      new Option('--compression <codec>', 'compression of the files')
        .choices(['snappy', 'zstd', 'gzip', 'lz4', 'none'])
        .default(DEFAULTS.compression),
    )
    .addOption(
      new Option(
        '--encodings <set>',
        'encodings of the files: compatible (plain values and dictionaries), delta (also deltas of integers: smaller ' +
          'files that some older readers refuse), modern (also newer encodings that more readers refuse)',
      )
        .choices(['compatible', 'delta', 'modern'])
        .default(DEFAULTS.encodings),
    )
    .option(
      '--row-group-rows <rows>',
      'maximum number of rows in a row group',
      integerAtLeast(1),
      DEFAULTS.rowGroupRows,
    )
    .addOption(
      new Option(
        '--row-group-bytes <bytes>',
        'a row group ends with the row that reaches this many uncompressed bytes, such as 8388608, 8192k or 8MiB ' +
          `(default: ${SHOWN_DEFAULTS.rowGroupMiB}MiB; above 1,024 columns 8KiB per column, up to 64MiB)`,
      ).argParser(parseByteSize),
    )
    .addOption(
      new Option(
        '--invalid-utf8 <how>',
        'how to handle text that is not UTF-8: error fails the table, replace writes U+FFFD instead, binary writes ' +
          'all text columns as binary',
      )
        .choices(['error', 'replace', 'binary'])
        .default(DEFAULTS.invalidUtf8),
    )
    .addOption(
      new Option(
        '--timestamp-columns <names>',
        'columns of integers, in Unix seconds, that become timestamps in UTC, such as time,created_at; repeatable',
      ).argParser(collectColumns),
    )
    .addOption(
      new Option(
        '--partition <unit>',
        'write each table as a folder with one file per hour, day, month or year (UTC) of its rows, with Hive’s names',
      ).choices(['hour', 'day', 'month', 'year']),
    )
    .addOption(
      new Option(
        '--file-size <bytes>',
        'write each table, query or partition as a folder of files of at most about this size, such as 256MiB',
      ).argParser(parseByteSize),
    );
}

/** @param {Command} command */
function addParallelismOptions(command) {
  command
    .optionsGroup(GROUPS.speed)
    .option(
      '--split-rows <n>',
      'split tables of more than n rows by time into jobs of about n rows; each table is still one file ' +
        `(default: ${SHOWN_DEFAULTS.splitRows})`,
      integerAtLeast(1),
    );
  addTableParallelismOption(command, 'exported').option(
    '--download-parallelism <n>',
    'per table: maximum number of parallel jobs and of parallel range downloads',
    integerAtLeast(1),
    DEFAULTS.downloadParallelism,
  );
  addEncoderOptions(command);
}

/** @param {Command} command */
function addRunOptions(command) {
  command
    .optionsGroup(GROUPS.work)
    .option(
      '--update',
      'with --partition: export only partitions that differ from those of the manifest, and remove those that are gone',
    )
    .addOption(
      new Option(
        '--verify <how>',
        'what --update compares for each partition: count the rows, full also a checksum of their contents',
      ).choices(['count', 'full']),
    )
    .option(
      '--overwrite',
      'replace existing files of the same names; of a folder, only files that petit wrote',
    );
  addDryRunOptions(command, 'print the plan; run and write nothing');
  return addOutputOptions(command)
    .addOption(new Option('--use-incremental', COMPATIBILITY).hideHelp())
    .addOption(new Option('--no-use-incremental', COMPATIBILITY).hideHelp());
}
