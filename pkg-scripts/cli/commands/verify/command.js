import { Option } from 'commander';
import { DEFAULTS } from '../../../driver/run/options.js';
import { addConnectionOptions, addPairOptions, wholeNumber } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from '../../program.js' */

const EXAMPLES = `
Examples:
  export SOURCE_API_KEY=… DEST_API_KEY=…
  petit verify sales                    schemas, rows and contents of all tables
  petit verify sales orders returns     of these tables
  petit verify sales --new-db sales_copy --dest-site eu01
  petit verify sales --compare count    schemas and rows only: quicker

One line for each table: = the same, * different, + only in the source, - only
in the destination, ! not compared. Nothing is written. The API keys are read
from the environment variables SOURCE_API_KEY and DEST_API_KEY.
Exit codes: 0 all the same, 1 bad arguments, 2 no key, source or destination
refused, 3 some tables could not be compared, 4 a difference, 130 interrupted.
`;

/**
 * @param {Command} command
 * @param {Surroundings} surroundings
 */
export function defineVerify(command, surroundings) {
  command
    .description(
      'Compares the tables of two databases: rows, schemas and, by checksums that need no order, contents.',
    )
    .argument('<database>', 'database of the source')
    .argument('[table...]', 'tables to compare; all of both sides when none is named');
  addPairOptions(command)
    .option('--new-db <name>', 'name of the database in the destination (default: the same)')
    .addOption(
      new Option('--compare <what>', 'contents too, or only schemas and rows')
        .choices(['full', 'count'])
        .default(DEFAULTS.compare),
    )
    .addOption(
      new Option(
        '--method <how>',
        'of a full comparison: checksums by the SQL of both sides, or every row read; auto: the first, where SQL can',
      )
        .choices(['auto', 'server', 'stream'])
        .default(DEFAULTS.method),
    )
    .option('--table-parallelism <n>', 'tables compared at a time', wholeNumber(1), DEFAULTS.tableParallelism)
    .option('--json', 'print events instead, one JSON object a line')
    .addHelpText('before', EXAMPLES)
    .action(async (database, tables, options) => {
      const { verify } = await import('./run.js');
      surroundings.end(await verify(database, tables, options, command, surroundings));
    });
  addConnectionOptions(command, 'two lines, the key of the source and that of the destination,');
}
