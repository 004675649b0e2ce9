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
`;

/** The script generators, loaded on demand.
 * @type {Record<string, () => Promise<(grammar: Grammar) => string>>} */
const GENERATORS = {
  bash: async () => (await import('./bash.js')).bashCompletion,
  zsh: async () => (await import('./zsh.js')).zshCompletion,
  fish: async () => (await import('./fish.js')).fishCompletion,
};

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineCompletion(command) {
  command
    .description('Prints a script that makes a shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'shell of the script').choices(Object.keys(GENERATORS)))
    .addHelpText('before', EXAMPLES);
  return async ({ process }, /** @type {string} */ shell) => {
    const [generate, { grammarOf }] = await Promise.all([GENERATORS[shell]?.(), import('./grammar.js')]);
    process.stdout.write(generate?.(grammarOf(/** @type {Command} */ (command.parent))) ?? '');
    return EXIT.ok;
  };
}
