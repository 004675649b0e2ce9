import { Option } from 'commander';
import { DEFAULTS, SHOWN_DEFAULTS } from '../../../driver/run/options.js';
import {
  addConnectionOptions,
  addDryRunOptions,
  addEncoderOptions,
  addMaskOptions,
  addMaskStrictOption,
  addOutputOptions,
  addSampleOptions,
  addShowValuesOption,
  addSourceAndDestinationOptions,
  addTableChoice,
  addTableParallelismOption,
  addTimeRange,
  GROUPS,
  integerAtLeast,
  parseShard,
  TWO_KEYS,
} from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { CloneRequest, TimeRangeOptions } from '../../../types.js' */
/** @import { ConnectionOptions, MaskFlags, SampleFlags } from '../../options.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/**
 * The options of the command. Those with the names of the library have its values.
 * @typedef {Pick<CloneRequest, keyof TimeRangeOptions | 'exclude' | 'views' | 'onDrift' | 'via' | 'allowKeyInJob' | 'splitRows' | 'shard'
 *   | 'tableParallelism' | 'downloadParallelism' | 'chunkSize' | 'workers' | 'verify' | 'dryRun' | 'profile' | 'showValues' | 'maskStrict'>
 *   & ConnectionOptions & MaskFlags & SampleFlags & {
 *   newDb?: string, all?: boolean, timings?: boolean, skipExisting?: boolean, overwrite?: boolean, update?: boolean, progress?: boolean, json?: boolean, report?: string
 * }} CloneDbOptions
 */

const EXAMPLES = `
Examples:
  export SOURCE_API_KEY=… DEST_API_KEY=…
  petit clone-db sales --dry-run              print the plan, write nothing
  petit clone-db sales                        copy to the other account
  petit clone-db sales orders 'web_*' --exclude '*_tmp'
                                              copy only these tables
  petit clone-db sales --new-db sales_copy --dest-site eu01
  petit clone-db sales --skip-existing        resume an interrupted run
  petit clone-db sales --overwrite            replace tables, each in one step
  petit clone-db sales --update               move only what has changed
  petit clone-db sales --mask 'email=hash,*phone*=partial' --dry-run
                                              show which columns are masked
  petit clone-db sales --shard 2/5 --skip-existing
                                              run on the second of 5 machines

petit reads the API keys from the environment variables SOURCE_API_KEY and
DEST_API_KEY.
Exit codes: 0 all tables copied or skipped, 1 bad arguments or a table exists in
the destination, 2 key, source or destination missing or refused, 3 some tables
failed, 4 rows or contents differ, 5 the dry run found errors, 6 unknown whether
a table was published, 130 interrupted.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineCloneDb(command) {
  command
    .description(
      'Copies the tables of a Treasure Data database. A table appears in the destination in one step, after all ' +
        'of its rows are there and counted.',
    )
    .argument('<database>', 'database to copy');
  addTableChoice(command, 'copy');
  addSourceAndDestinationOptions(command);
  addTimeRange(command);
  addMaskOptions(command);
  addMaskStrictOption(command);
  addSampleOptions(command);
  addCopyOptions(command);
  addRunOptions(command).addHelpText('before', EXAMPLES);
  addShowValuesOption(command);
  addConnectionOptions(command, TWO_KEYS);
  return async (
    /** @type {CommandContext} */ context,
    /** @type {string} */ database,
    /** @type {string[]} */ tables,
    /** @type {CloneDbOptions} */ options,
  ) => {
    const { cloneDb } = await import('./run.js');
    return cloneDb(context, command, { ...options, database, tables });
  };
}

/** @param {Command} command */
function addCopyOptions(command) {
  command
    .optionsGroup(GROUPS.work)
    .option('--new-db <name>', 'name of the copy (default: the same name)')
    .addOption(
      new Option(
        '--views <how>',
        'logical views of the source: skip leaves them out, copy creates them in the destination after the tables',
      )
        .choices(['skip', 'copy'])
        .default(DEFAULTS.views),
    )
    .option('--skip-existing', 'skip tables that exist in the destination')
    .option('--overwrite', 'replace tables that exist in the destination')
    .option(
      '--update',
      'compare tables that exist in the destination by ranges of time, and copy only the ranges that differ',
    )
    .addOption(
      new Option(
        '--on-drift <how>',
        'with --update, a table whose columns differ from those of its source: fail copies nothing, rebuild replaces the table',
      )
        .choices(['fail', 'rebuild'])
        .default(DEFAULTS.onDrift),
    )
    .addOption(
      new Option(
        '--via <way>',
        'what copies the rows: client (petit), engine (jobs of Treasure Data; no row passes through petit) or auto ' +
          '(engine if source and destination are the same account, else client)',
      )
        .choices(['auto', 'client', 'engine'])
        .default(DEFAULTS.via),
    )
    .option(
      '--allow-key-in-job',
      'allow Treasure Data to store the destination’s API key in jobs of the source, for --via engine between accounts',
    )
    .option(
      '--split-rows <n>',
      `split tables of more than n rows by time into jobs of about n rows (default: ${SHOWN_DEFAULTS.splitRows})`,
      integerAtLeast(1),
    )
    .option('--shard <i/n>', 'copy only the i-th of n shards of the tables; n machines copy all', parseShard);
  addTableParallelismOption(command, 'copied').option(
    '--download-parallelism <n>',
    'per table: maximum number of parallel jobs, of parallel range downloads and of parallel part uploads',
    integerAtLeast(1),
    DEFAULTS.downloadParallelism,
  );
  addEncoderOptions(command)
    .optionsGroup(GROUPS.work)
    .addOption(
      new Option(
        '--verify <how>',
        'check before a table is published: count compares row counts, full also compares contents, none skips the check',
      )
        .choices(['count', 'full', 'none'])
        .default(DEFAULTS.verify),
    );
}

/** @param {Command} command */
function addRunOptions(command) {
  addDryRunOptions(command, 'print the plan; write nothing');
  return addOutputOptions(command).option('--report <file>', 'write the summary to this file, as JSON');
}
