import { Option } from 'commander';
import { EXIT } from '../../exit-codes.js';

/** @import { Command } from 'commander' */
/** @import { CommandAction } from '../../program.js' */

/**
 * A hidden command, which the completion scripts call: prints the names that can follow. Whatever goes wrong, it prints
 * nothing, because an error would disturb the line that its user types.
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineComplete(command) {
  command
    .description('Prints the databases, tables or accounts that complete a command line.')
    .addOption(new Option('--current <word>', 'the word that is completed').default(''))
    .argument('[words...]', 'the words before it, from the command on');
  return async (
    { process, signal },
    /** @type {string[]} */ words,
    /** @type {{ current: string }} */ { current },
  ) => {
    const { namesFor } = await import('./run.js');
    const program = /** @type {Command} */ (command.parent);
    const names = await namesFor({ program, process, signal }, words, current).catch(() => []);
    process.stdout.write(names.map((name) => `${name}\n`).join(''));
    return EXIT.ok;
  };
}
