import { NAMES } from './grammar.js';

/** @import { Flag, Grammar, Value } from './grammar.js' */

/** How fish finds what may stand after an option.
 * @type {Record<Exclude<Value['kind'], 'choice'>, string>} */
const FINDERS = { file: '-r -F', folder: "-x -a '(__fish_complete_directories)'", other: '-x' };

/**
 * Completions for fish.
 * @param {Grammar} grammar
 */
export function fishCompletion({ flags, commands }) {
  const names = commands.map(({ name }) => name).join(' ');
  const [first = '', ...others] = NAMES;
  const line = (/** @type {string} */ condition, /** @type {string} */ rest) =>
    `complete -c ${first} -n ${quoted(condition)} ${rest}`;
  const before = `not __fish_seen_subcommand_from ${names}`;
  return [
    '# fish completion for petit: source this file, or put it as petit.fish into ~/.config/fish/completions.',
    `complete -c ${first} -f`,
    ...flags.map((flag) => line(before, optionOf(flag))),
    ...commands.flatMap((command) => {
      const inside = `__fish_seen_subcommand_from ${command.name}`;
      return [
        line(before, `-a ${command.name} -d ${quoted(command.summary)}`),
        ...(command.choices.length > 0 ? [line(inside, `-a ${quoted(command.choices.join(' '))}`)] : []),
        ...command.flags.map((flag) => line(inside, optionOf(flag))),
      ];
    }),
    ...others.map((name) => `complete -c ${name} -w ${first}`),
    '',
  ].join('\n');
}

/** @param {Flag} flag */
function optionOf({ names, description, value }) {
  const told = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const after =
    value?.kind === 'choice' ? `-x -a ${quoted(value.choices.join(' '))}` : value && FINDERS[value.kind];
  return [...told, ...(after ? [after] : []), '-d', quoted(description)].join(' ');
}

/** @param {string} text */
const quoted = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`;
