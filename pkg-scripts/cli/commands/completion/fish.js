import { NAMES } from './grammar.js';

/** @import { Flag, Grammar, Value } from './grammar.js' */

/** How fish completes an option's value.
 * @type {Record<Exclude<Value['kind'], 'choice'>, string>} */
const VALUE_COMPLETERS = {
  file: '-r -F',
  folder: "-x -a '(__fish_complete_directories)'",
  account: "-x -a '(__petit_names)'",
  other: '-x',
};

/**
 * The completion script for fish.
 * @param {Grammar} grammar
 */
export function fishCompletion({ flags, commands }) {
  const names = commands.map(({ name }) => name).join(' ');
  const [mainName = '', ...aliases] = NAMES;
  const completeWhen = (/** @type {string} */ condition, /** @type {string} */ rest) =>
    `complete -c ${mainName} -n ${quoted(condition)} ${rest}`;
  const noCommand = `not __fish_seen_subcommand_from ${names}`;
  return [
    '# fish completion for petit. Source this file, or save it as ~/.config/fish/completions/petit.fish.',
    'function __petit_names',
    '  set -l before (commandline -opc)',
    '  set -l current (commandline -ct)',
    '  command $before[1] complete "--current=$current" -- $before[2..-1] 2>/dev/null',
    'end',
    `complete -c ${mainName} -f`,
    ...flags.map((flag) => completeWhen(noCommand, optionOf(flag))),
    ...commands.flatMap((command) => {
      const inCommand = `__fish_seen_subcommand_from ${command.name}`;
      return [
        completeWhen(noCommand, `-a ${command.name} -d ${quoted(command.summary)}`),
        ...(command.choices.length > 0
          ? [completeWhen(inCommand, `-a ${quoted(command.choices.join(' '))}`)]
          : []),
        ...(command.takesNames ? [completeWhen(inCommand, "-a '(__petit_names)'")] : []),
        ...command.flags.map((flag) => completeWhen(inCommand, optionOf(flag))),
      ];
    }),
    ...aliases.map((name) => `complete -c ${name} -w ${mainName}`),
    '',
  ].join('\n');
}

/** @param {Flag} flag */
function optionOf({ names, description, value }) {
  const options = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const completer =
    value?.kind === 'choice'
      ? `-x -a ${quoted(value.choices.join(' '))}`
      : value && VALUE_COMPLETERS[value.kind];
  return [...options, ...(completer ? [completer] : []), '-d', quoted(description)].join(' ');
}

/** @param {string} text */
const quoted = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`;
