import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from '../../program.js' */

const EXAMPLES = `
Examples:
  petit serve                                     opens the page in the browser
  petit serve --no-open --port 8080               only serves it there
  petit serve --endpoint http://localhost:8008    for another host, too

Keys are typed into the page and stay in its memory. Calls go from the page to
Treasure Data through this command, which stores and logs nothing. Only this
computer can reach it. Ctrl-C ends it.
`;

/**
 * @param {Command} command
 * @param {Surroundings} surroundings
 */
export function defineServe(command, surroundings) {
  command
    .description('Serves the page at 127.0.0.1 and passes its calls on to Treasure Data.')
    .option('--port <port>', 'port to listen at (default: a free one)', port, 0)
    .option('--no-open', 'do not open the browser')
    .option('--ca-file <file>', 'also trust the certificates in this PEM file')
    .option('--endpoint <url>', 'another host that calls may go to; can be repeated', collect, [])
    .addHelpText('before', EXAMPLES)
    .action(async (options) => {
      const { runServe } = await import('./run.js');
      surroundings.end(await runServe(options, surroundings));
    });
}

/** @param {string} text */
function port(text) {
  const number = wholeNumber(0)(text);
  if (number < 2 ** 16) return number;
  throw new InvalidArgumentError('It has to be a port: at most 65535.');
}

/**
 * @param {string} text
 * @param {string[]} before
 */
const collect = (text, before) => [...before, text];
