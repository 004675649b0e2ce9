import { Argument } from 'commander';
import { EXIT } from '../../exit-codes.js';

/** @import { Command } from 'commander' */
/** @import { CommandAction } from '../../program.js' */
/** @import { Grammar } from './grammar.js' */

const EXAMPLES = `
Examples:
  source <(petit completion bash)             for the current shell
  petit completion bash > ~/.local/share/bash-completion/completions/petit
  petit completion zsh > ~/.zfunc/_petit      needs fpath+=~/.zfunc, compinit
  petit completion fish > ~/.config/fish/completions/petit.fish
  petit completion powershell | Out-String | Invoke-Expression

The scripts also complete databases, tables and accounts. They ask Treasure Data
at most every five minutes, for two seconds, and only if a key is set.
`;

/** The script generators, loaded on demand.
 * @type {Record<string, () => Promise<(grammar: Grammar) => string>>} */
const GENERATORS = {
  bash: async () => (await import('./bash.js')).bashCompletion,
  zsh: async () => (await import('./zsh.js')).zshCompletion,
  fish: async () => (await import('./fish.js')).fishCompletion,
  powershell: async () => (await import('./powershell.js')).powershellCompletion,
};

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineCompletion(command) {
  command
    .description('Prints a script that makes a shell complete commands, options, their values and names.')
    .addArgument(new Argument('<shell>', 'shell of the script').choices(Object.keys(GENERATORS)))
    .addHelpText('before', EXAMPLES);
  return async ({ process }, /** @type {string} */ shell) => {
    const [generate, { grammarOf }] = await Promise.all([GENERATORS[shell]?.(), import('./grammar.js')]);
    process.stdout.write(generate?.(grammarOf(/** @type {Command} */ (command.parent))) ?? '');
    return EXIT.ok;
  };
}
