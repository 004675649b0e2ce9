import { Option } from 'commander';
import { parsePort } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/** @typedef {{ port: number, open: boolean, endpoint: string[], caFile?: string }} ServeCommandOptions */

const EXAMPLES = `
Examples:
  petit serve                                     open the page in the browser
  petit serve --no-open --port 8080               serve it on this port
  petit serve --endpoint http://localhost:8008    also allow this host

The address that serve prints lets one browser in, once. Press Enter for a new
one. The page offers the accounts of this terminal (SOURCE_API_KEY,
DEST_API_KEY, TD_API_KEY, td.conf), whose keys stay in petit; or you type API
keys into the page, which keeps them in its memory. petit relays the page's
calls to Treasure Data; it stores and logs nothing. Only this machine can
connect. Press Ctrl-C to stop.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineServe(command) {
  command
    .description('Serves the web page on 127.0.0.1 and relays its calls to Treasure Data.')
    .addOption(
      new Option(
        '--port <port>',
        'port of the page; 0 is any free one (default: the port of the last run, if it is free)',
      ).argParser(parsePort),
    )
    .option('--no-open', 'do not open the browser')
    .option('--ca-file <file>', 'also trust the certificates in this PEM file')
    .addOption(
      new Option('--endpoint <url>', 'additional host that the page may call; repeatable')
        .argParser(append)
        .default([], 'none'),
    )
    .addHelpText('before', EXAMPLES);
  return async (/** @type {CommandContext} */ context, /** @type {ServeCommandOptions} */ options) => {
    const { runServe } = await import('./run.js');
    return runServe(context, options);
  };
}

/**
 * Collects the values of a repeatable option.
 * @param {string} value
 * @param {string[]} values
 */
const append = (value, values) => [...values, value];
