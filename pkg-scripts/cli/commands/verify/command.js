import { Option } from 'commander';
import { DEFAULTS } from '../../../driver/run/options.js';
import {
  addConnectionOptions,
  addMaskOptions,
  addSampleOptions,
  addShowValuesOption,
  addSourceAndDestinationOptions,
  addTableChoice,
  addTableParallelismOption,
  addTimeRange,
  GROUPS,
  jsonOption,
  TWO_KEYS,
} from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { TimeRangeOptions, VerifyRequest } from '../../../types.js' */
/** @import { ConnectionOptions, MaskFlags, SampleFlags } from '../../options.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/**
 * The options of the command. Those with the names of the library have its values.
 * @typedef {Pick<VerifyRequest, keyof TimeRangeOptions | 'exclude' | 'compare' | 'method' | 'detail' | 'tableParallelism' | 'showValues'>
 *   & ConnectionOptions & MaskFlags & SampleFlags & { newDb?: string, json?: boolean }} VerifyOptions
 */

const EXAMPLES = `
Examples:
  export SOURCE_API_KEY=… DEST_API_KEY=…
  petit verify sales                    schemas, row counts and contents
  petit verify sales orders returns     only of these tables
  petit verify sales --new-db sales_copy --dest-site eu01
  petit verify sales --compare count    only schemas and row counts: faster
  petit verify sales orders --detail    which days and hours differ

petit prints one line per table: = equal, * different, + only in the source,
- only in the destination, ! comparison failed. It writes nothing. It reads the
API keys from the environment variables SOURCE_API_KEY and DEST_API_KEY.
Exit codes: 0 all tables equal, 1 bad arguments, 2 key, source or destination
missing or refused, 3 some comparisons failed, 4 a difference, 130 interrupted.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineVerify(command) {
  command
    .description(
      'Compares the tables of two databases: schemas, row counts and, by checksums that do not depend on the ' +
        'order of rows, contents.',
    )
    .argument('<database>', 'database of the source');
  addTableChoice(command, 'compare');
  addSourceAndDestinationOptions(command);
  addTimeRange(command);
  addMaskOptions(command);
  addSampleOptions(command);
  addComparisonOptions(command).addHelpText('before', EXAMPLES);
  addShowValuesOption(command);
  addConnectionOptions(command, TWO_KEYS);
  return async (
    /** @type {CommandContext} */ context,
    /** @type {string} */ database,
    /** @type {string[]} */ tables,
    /** @type {VerifyOptions} */ options,
  ) => {
    const { verify } = await import('./run.js');
    return verify(context, command, { ...options, database, tables });
  };
}

/** @param {Command} command */
function addComparisonOptions(command) {
  command
    .optionsGroup(GROUPS.work)
    .option('--new-db <name>', 'name of the database in the destination (default: the same name)')
    .addOption(
      new Option(
        '--compare <what>',
        'full compares schemas, row counts and contents; count compares schemas and row counts',
      )
        .choices(['full', 'count'])
        .default(DEFAULTS.compare),
    )
    .addOption(
      new Option(
        '--method <how>',
        'how to compare contents: server by SQL checksums on both sides, stream by reading every row, auto by SQL if ' +
          'it can, else by reading',
      )
        .choices(['auto', 'server', 'stream'])
        .default(DEFAULTS.method),
    )
    .option(
      '--detail',
      'list the days and hours in which tables differ, with the rows of each side; takes at most four queries a table',
    );
  return addTableParallelismOption(command, 'compared').optionsGroup(GROUPS.output).addOption(jsonOption());
}
