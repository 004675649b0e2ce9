import { Help } from 'commander';

/** @import { Command, Option } from 'commander' */

/** Columns of a terminal that does not report its width. */
const COLUMNS = 80;

/** Names the subject of the help that lists the environment variables. */
export const ENVIRONMENT = 'env';

/**
 * The configuration of commander's help.
 * @param {boolean} isShort whether to show the first words of each description, for `-h`
 */
export const helpConfiguration = (isShort) => ({
  subcommandTerm: (/** @type {Command} */ command) => command.name(),
  /** @param {Option} option */
  optionDescription(option) {
    if (isShort) return firstWords(option.description);
    return new Help().optionDescription(withoutVariable(option));
  },
});

/**
 * The option as the help describes it: `petit help env` lists the environment variables.
 * @param {Option} option
 * @returns {Option}
 */
const withoutVariable = (option) => Object.create(option, { envVar: { value: undefined } });

/**
 * A description up to its first comma, colon, semicolon or parenthesis.
 * @param {string} description
 */
const firstWords = (description) => description.split(/[,:;]| \(/)[0] ?? '';

/**
 * The help of the environment variables: each with its option and its commands.
 * @param {Command} program with the definitions of all commands
 */
export function environmentText(program) {
  /** @type {Map<string, { option: string, commands: string[] }>} */
  const variables = new Map();
  for (const command of program.commands) {
    for (const { envVar, long, hidden } of command.options) {
      if (!envVar || hidden) continue;
      const known = variables.get(envVar) ?? { option: long ?? '', commands: [] };
      variables.set(envVar, { ...known, commands: [...known.commands, command.name()] });
    }
  }
  const names = [...variables.keys()].sort();
  const width = Math.max(...names.map((name) => name.length));
  return [
    'Each option has an environment variable; an option on the command line takes',
    'precedence. A flag takes 1 or 0. The API keys are in TD_API_KEY, SOURCE_API_KEY',
    'and DEST_API_KEY.',
    '',
    ...names.flatMap((name) => {
      const { option = '', commands = [] } = variables.get(name) ?? {};
      return wrapped(`${name.padEnd(width)}  ${option}  `, commands);
    }),
  ]
    .join('\n')
    .concat('\n');
}

/** @param {string} head @param {string[]} names */
function wrapped(head, names) {
  const lines = [head];
  for (const [index, name] of names.entries()) {
    const text = name + (index < names.length - 1 ? ', ' : '');
    if ((lines.at(-1) ?? '').length + text.length > COLUMNS) lines.push('      ');
    lines[lines.length - 1] += text;
  }
  return lines.map((line) => line.trimEnd());
}
