import { addAccountOptions, addConnectionOptions, GROUPS, jsonOption, ONE_KEY } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { ConnectionOptions } from '../../options.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/** @typedef {ConnectionOptions & { json?: boolean, deep?: boolean, write?: string }} DoctorOptions */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit doctor                   check the account and this machine
  petit doctor --site aws-tokyo  check an account of the Tokyo site
  petit doctor --deep            ask it how Treasure Data behaves

petit prints one line per check: ok, WARNING, FAILED, or "-" for a check that
was not possible. It writes nothing. It runs one query without a table,
SELECT 1. It reads the API key from the environment variable TD_API_KEY.
Exit codes: 0 no check failed, 1 a check failed, 2 the key or the endpoint is
missing or refused, 130 interrupted.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineDoctor(command) {
  command.description(
    'Checks what a run needs: Node.js, proxy, endpoint, TLS, API key, clock, and the rights to query, download ' +
      'and import.',
  );
  addAccountOptions(command)
    .option(
      '--deep',
      'also ask the account how Treasure Data behaves where its documentation leaves it open; reads no row of a table',
    )
    .option(
      '--write <database>',
      'with --deep: also ask what needs tables, in a database of this name, which petit creates and deletes',
    )
    .optionsGroup(GROUPS.output)
    .addOption(jsonOption())
    .addHelpText('before', EXAMPLES);
  addConnectionOptions(command, ONE_KEY);
  return async (/** @type {CommandContext} */ context, /** @type {DoctorOptions} */ options) => {
    const { doctor } = await import('./run.js');
    return doctor(context, command, options);
  };
}
