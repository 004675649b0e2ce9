/** @import { Argument, Command, Option } from 'commander' */

/** The names of the installed command. */
export const NAMES = ['petit', 'petit-td'];

/**
 * The commands and options that the completion scripts know.
 * @typedef {object} Grammar
 * @property {Flag[]} flags of the program itself
 * @property {Subcommand[]} commands
 *
 * @typedef {object} Subcommand
 * @property {string} name
 * @property {string} summary
 * @property {Flag[]} flags
 * @property {string[]} choices the values of its first argument
 *
 * @typedef {object} Flag
 * @property {string[]} names with dashes: `--source-site`
 * @property {string} description
 * @property {Value} [value] absent for a flag without a value
 *
 * @typedef {{ kind: 'choice', choices: readonly string[] } | { kind: 'file' | 'folder' | 'other' }} Value
 */

/**
 * Reads the grammar from the program: everything that its help shows.
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
  return { names, description: option.description, value: optionValue(option) };
}

/** @param {Option} option
 * @returns {Value | undefined} */
function optionValue({ flags, argChoices }) {
  if (argChoices) return { kind: 'choice', choices: argChoices };
  const [, placeholder] = /<(.+)>/.exec(flags) ?? [];
  if (placeholder === undefined) return undefined;
  if (placeholder === 'file') return { kind: 'file' };
  return { kind: placeholder === 'dir' ? 'folder' : 'other' };
}
