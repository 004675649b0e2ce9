/** @import { Argument, Command, Option } from 'commander' */

/** The names under which the command is installed. */
export const NAMES = ['petit', 'petit-td'];

/**
 * What may be typed, as the generators of completions need it.
 * @typedef {object} Grammar
 * @property {Flag[]} flags of the program itself
 * @property {Subcommand[]} commands
 *
 * @typedef {object} Subcommand
 * @property {string} name
 * @property {string} summary
 * @property {Flag[]} flags
 * @property {string[]} choices of its first argument
 *
 * @typedef {object} Flag
 * @property {string[]} names as typed, `--source-site`
 * @property {string} description
 * @property {Value} [value] what follows it, if anything does
 *
 * @typedef {{ kind: 'choice', choices: readonly string[] } | { kind: 'file' | 'folder' | 'other' }} Value
 */

/**
 * Reads the grammar out of the program itself: what it shows in its help.
 * @param {Command} program
 * @returns {Grammar}
 */
export function grammarOf(program) {
  const help = program.createHelp();
  const names = help.visibleCommands(program).map((command) => command.name());
  return {
    flags: help.visibleOptions(program).map(flagOf),
    commands: help.visibleCommands(program).map((command) => ({
      name: command.name(),
      summary: command.summary() || command.description(),
      flags: help.visibleOptions(command).map(flagOf),
      choices: command.name() === 'help' ? names : choicesOf(command.registeredArguments[0]),
    })),
  };
}

/** @param {Argument | undefined} argument */
const choicesOf = (argument) => [...(argument?.argChoices ?? [])];

/** @param {Option} option
 * @returns {Flag} */
function flagOf(option) {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  return { names, description: option.description, value: valueAfter(option) };
}

/** @param {Option} option
 * @returns {Value | undefined} */
function valueAfter({ flags, argChoices }) {
  if (argChoices) return { kind: 'choice', choices: argChoices };
  const [, placeholder] = /<(.+)>/.exec(flags) ?? [];
  if (placeholder === undefined) return undefined;
  if (placeholder === 'file') return { kind: 'file' };
  return { kind: placeholder === 'dir' ? 'folder' : 'other' };
}
