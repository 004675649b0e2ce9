import { Option } from 'commander';
import { DEFAULTS } from '../../../driver/run/options.js';
import { addConnectionOptions, addPairOptions, shard, wholeNumber } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from '../../program.js' */

const EXAMPLES = `
Examples:
  export SOURCE_API_KEY=… DEST_API_KEY=…
  petit clone-db sales --dry-run              what would be copied
  petit clone-db sales                        to the other account, by its name
  petit clone-db sales --new-db sales_copy --dest-site eu01
  petit clone-db sales --skip-existing        go on after a run that was stopped
  petit clone-db sales --overwrite            replace tables, each in one step
  petit clone-db sales --shard 2/5 --skip-existing
                                              the second of five machines

The API keys are read from the environment variables SOURCE_API_KEY and
DEST_API_KEY.
Exit codes: 0 all copied, 1 bad arguments or tables in the way, 2 no key, source
or destination refused, 3 some tables failed, 4 rows or contents differ, 5 the
dry run found errors, 130 interrupted.
`;

/**
 * @param {Command} command
 * @param {Surroundings} surroundings
 */
export function defineCloneDb(command, surroundings) {
  command
    .description(
      'Copies every table of a Treasure Data database. A table appears in the destination in one step, when all ' +
        'of its rows are there and counted.',
    )
    .argument('<database>', 'database to copy');
  addPairOptions(command)
    .option('--new-db <name>', 'name of the copy (default: the same)')
    .option('--skip-existing', 'leave tables that the destination has')
    .option('--overwrite', 'replace tables that the destination has')
    .addOption(
      new Option(
        '--via <way>',
        'what moves the rows: client (petit), engine (jobs of Treasure Data’s own; none passes through here), or auto: ' +
          'engine where source and destination are one account',
      )
        .choices(['auto', 'client', 'engine'])
        .default(DEFAULTS.via),
    )
    .option(
      '--split-rows <n>',
      'cut tables of more rows by time, into a job for each n rows (default: large tables are)',
      wholeNumber(1),
    )
    .option('--shard <i/n>', 'copy only the i-th of n shares of the tables: n machines copy all', shard)
    .option('--table-parallelism <n>', 'tables copied at a time', wholeNumber(1), DEFAULTS.tableParallelism)
    .option(
      '--download-parallelism <n>',
      'downloads, and uploads, at a time per table',
      wholeNumber(1),
      DEFAULTS.downloadParallelism,
    )
    .option('--chunk-size <rows>', 'most rows decoded at a time', wholeNumber(1), DEFAULTS.chunkSize)
    .option(
      '--workers <n>',
      'encoders running in parallel (default: one per core; 0: in the main thread)',
      wholeNumber(0),
    )
    .option('--profile', 'tell at the end what each stage did and waited for')
    .addOption(
      new Option(
        '--verify <how>',
        'before a table is published: count its rows, compare its full contents with the source, or neither',
      )
        .choices(['count', 'full', 'none'])
        .default(DEFAULTS.verify),
    )
    .option('--dry-run', 'show the whole plan; write nothing anywhere')
    .option('--progress', 'show progress (default: on a terminal)')
    .option('--no-progress', 'show none')
    .option('--json', 'print events instead, one JSON object a line')
    .option('--report <file>', 'also write the summary to this file, as JSON')
    .addHelpText('before', EXAMPLES)
    .action(async (database, options) => {
      const { cloneDb } = await import('./run.js');
      surroundings.end(await cloneDb(database, options, command, surroundings));
    });
  addConnectionOptions(command, 'two lines, the key of the source and that of the destination,');
}
