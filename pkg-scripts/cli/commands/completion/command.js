import { Argument } from 'commander';

/** @import { Command } from 'commander' */
/** @import { Grammar } from './grammar.js' */
/** @import { Surroundings } from '../../program.js' */

const EXAMPLES = `
Examples:
  source <(petit completion bash)             for this shell
  petit completion bash > ~/.local/share/bash-completion/completions/petit
  petit completion zsh > ~/.zfunc/_petit      after fpath+=~/.zfunc, compinit
  petit completion fish > ~/.config/fish/completions/petit.fish
`;

/** Where the generators are; they are loaded when they are asked for.
 * @type {Record<string, () => Promise<(grammar: Grammar) => string>>} */
const SHELLS = {
  bash: async () => (await import('./bash.js')).bashCompletion,
  zsh: async () => (await import('./zsh.js')).zshCompletion,
  fish: async () => (await import('./fish.js')).fishCompletion,
};

/**
 * @param {Command} command
 * @param {Surroundings} surroundings
 */
export function defineCompletion(command, { process }) {
  command
    .description('Prints a script with which the shell completes commands, options and their values.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText('before', EXAMPLES)
    .action(async (/** @type {string} */ shell) => {
      const [script, { grammarOf }] = await Promise.all([SHELLS[shell]?.(), import('./grammar.js')]);
      process.stdout.write(script?.(grammarOf(/** @type {Command} */ (command.parent))) ?? '');
    });
}
