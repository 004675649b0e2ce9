/** @import { Argument, Command, Option } from 'commander' */

/** The names of the installed command. */
export const NAMES = ['petit', 'petit-td'];

/** Commands whose first argument is a database, and whether tables follow. @type {Record<string, 'database' | 'tables'>} */
export const NAMED_ARGUMENTS = {
  'clone-db': 'tables',
  td2parquet: 'tables',
  verify: 'tables',
  ls: 'tables',
  cleanup: 'database',
};
/** Options that name an account of the configuration file. */
export const ACCOUNT_OPTIONS = ['--account', '--from', '--to'];

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
 * @property {boolean} takesNames whether its arguments are a database and tables, which \`petit complete\` prints
 *
 * @typedef {object} Flag
 * @property {string[]} names with dashes: `--source-site`
 * @property {string} description
 * @property {Value} [value] absent for a flag without a value
 *
 * @typedef {{ kind: 'choice', choices: readonly string[] } | { kind: 'file' | 'folder' | 'account' | 'other' }} Value
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
      takesNames: command.name() in NAMED_ARGUMENTS,
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
function optionValue({ flags, long, argChoices }) {
  if (argChoices) return { kind: 'choice', choices: argChoices };
  const [, placeholder] = /<(.+)>/.exec(flags) ?? [];
  if (placeholder === undefined) return undefined;
  if (ACCOUNT_OPTIONS.includes(long ?? '')) return { kind: 'account' };
  if (placeholder === 'file') return { kind: 'file' };
  return { kind: placeholder === 'dir' ? 'folder' : 'other' };
}
