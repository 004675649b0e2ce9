import { addConnectionOptions, siteOption } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from '../../program.js' */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit cleanup                     what dead clones have left; removes nothing
  petit cleanup sales_copy          in one database
  petit cleanup sales_copy --yes    and remove it

A clone that is killed can leave staging tables, bulk import sessions and jobs.
The next clone into the same database removes them by itself; this is for when
there is none. Do not run it while a clone into these databases is under way:
what it is loading would be gone. The API key is read from the environment
variable TD_API_KEY.
Exit codes: 0 done, 1 bad arguments or something is in use, 2 no key or refused,
3 something could not be removed, 130 interrupted.
`;

/**
 * @param {Command} command
 * @param {Surroundings} surroundings
 */
export function defineCleanup(command, surroundings) {
  command
    .description(
      'Shows the staging tables, bulk import sessions and jobs that clones left; removes them with --yes.',
    )
    .argument('[database]', 'look only into this one')
    .option('--endpoint <url>', 'API endpoint (a host without scheme gets https)')
    .addOption(siteOption('--site <site>', 'site of the account'))
    .option('--yes', 'remove what is found')
    .option('--force', 'remove also what running jobs work on, and kill these')
    .option('--json', 'print events instead, one JSON object a line')
    .addHelpText('before', EXAMPLES)
    .action(async (database, options) => {
      const { cleanup } = await import('./run.js');
      surroundings.end(await cleanup(database, options, command, surroundings));
    });
  addConnectionOptions(command, 'the key');
}
