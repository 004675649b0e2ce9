import { addAccountOptions, addConnectionOptions, GROUPS, jsonOption, ONE_KEY } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { ConnectionOptions } from '../../options.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/** @typedef {ConnectionOptions & { json?: boolean, pii?: boolean, piiValues?: boolean }} LsOptions */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit ls                  databases with their rows and sizes
  petit ls sales            tables of the database sales
  petit ls sales orders     columns of the table orders, with their types
  petit ls --pii sales      columns of sales that look personal by their names

petit reads the API key from the environment variable TD_API_KEY.
Exit codes: 0 listed, 1 bad arguments, 2 key, database or table missing or
refused, 130 interrupted.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineLs(command) {
  command
    .description('Lists the databases of an account, the tables of a database, or the columns of a table.')
    .argument('[database]', 'database to list (default: all databases)')
    .argument('[table]', 'table to list');
  addAccountOptions(command)
    .optionsGroup(GROUPS.output)
    .option('--pii', 'list the columns that look personal by their names, instead of tables or columns')
    .option(
      '--pii-values',
      'the same, also by the shapes of at most 1,000 values of each column, which are not shown; one job for each table',
    )
    .addOption(jsonOption())
    .addHelpText('before', EXAMPLES);
  addConnectionOptions(command, ONE_KEY);
  return async (
    /** @type {CommandContext} */ context,
    /** @type {string | undefined} */ database,
    /** @type {string | undefined} */ table,
    /** @type {LsOptions} */ options,
  ) => {
    const { ls } = await import('./run.js');
    return ls(context, command, { ...options, database, table });
  };
}
