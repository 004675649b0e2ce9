import { addAccountOptions, addConnectionOptions, GROUPS, jsonOption, ONE_KEY } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { ConnectionOptions } from '../../options.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/** @typedef {ConnectionOptions & { outputDir?: string, yes?: boolean, force?: true | string[], json?: boolean }}
 *   CleanupOptions */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit cleanup                     list leftovers in all databases
  petit cleanup sales_copy          list leftovers in one database
  petit cleanup sales_copy --yes    delete them
  petit cleanup --output-dir out    list partial files of killed exports

A killed clone can leave staging tables, bulk import sessions and jobs. The next
clone into the same database deletes them. Use petit cleanup if there is no next
clone. petit lists the objects of a running clone as in use and does not delete
them; --force NAME deletes one of them anyway, and that clone fails. petit reads
the API key from the environment variable TD_API_KEY.

A killed export can leave partial files, whose names end with .petit-partial.
With --output-dir and no database, petit checks only this folder and needs no
key. It never deletes the file of a running export.
Exit codes: 0 done, 1 bad arguments or a job is still running, 2 key missing or
refused, 3 some leftovers could not be deleted, 130 interrupted.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineCleanup(command) {
  command
    .description(
      'Lists the staging tables, bulk import sessions and jobs of interrupted clones and the partial files of killed ' +
        'exports, or deletes them.',
    )
    .argument('[database]', 'database to check (default: all databases)');
  addAccountOptions(command)
    .optionsGroup(GROUPS.work)
    .option(
      '--output-dir <dir>',
      'also check this folder and its subfolders for partial files of exports, or s3://bucket/prefix for their unfinished uploads',
    )
    .option('--yes', 'delete the leftovers')
    .option(
      '--force [name...]',
      'delete the leftovers even if jobs still work on them, and kill those jobs; with names, also delete these objects of running clones',
    )
    .addOption(jsonOption())
    .addHelpText('before', EXAMPLES);
  addConnectionOptions(command, ONE_KEY);
  return async (
    /** @type {CommandContext} */ context,
    /** @type {string | undefined} */ database,
    /** @type {CleanupOptions} */ options,
  ) => {
    const { cleanup } = await import('./run.js');
    return cleanup(context, command, { ...options, database });
  };
}
