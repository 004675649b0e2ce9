import { EXIT } from '../../exit-codes.js';

/** @import { Command } from 'commander' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineVersion(command) {
  command
    .description('Prints the version, the commit, the WebAssembly module and the version of Node.js.')
    .addHelpText('before', '\nExamples:\n  petit version\n\nExit codes: 0 printed.\n');
  return async (/** @type {CommandContext} */ { process }) => {
    const { versionText } = await import('../../version.js');
    process.stdout.write(`${versionText()}\n`);
    return EXIT.ok;
  };
}
