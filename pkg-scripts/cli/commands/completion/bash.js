import { NAMES } from './grammar.js';

/** @import { Flag, Grammar, Value } from './grammar.js' */

/** How bash completes an option's value.
 * @type {Record<Exclude<Value['kind'], 'choice'>, string>} */
const VALUE_COMPLETERS = {
  file: 'compopt -o filenames 2>/dev/null; _petit_from -f',
  folder: '_petit_from -d',
  account: '_petit_names',
  other: '',
};

/** Adds databases and tables, unless an option is typed. */
const NAMES_UNLESS_OPTION = '; [[ $current == -* ]] || _petit_names';

/**
 * The completion script for bash 3.2 and later.
 * @param {Grammar} grammar
 */
export function bashCompletion({ flags, commands }) {
  const names = commands.map(({ name }) => name);
  return `# bash completion for petit. Source this file, or put it into a folder that bash-completion reads.
_petit_from() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$@" -- "$current"))
}
_petit_names() {
  local IFS=$'\\n'
  COMPREPLY+=($("\${COMP_WORDS[0]}" complete "--current=$current" -- "\${before[@]}" 2>/dev/null))
}
_petit() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= at
  local -a before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  # bash splits --option=value at the equals sign.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      ${names.join('|')}) command=\${COMP_WORDS[at]}; break ;;
    esac
  done
  COMPREPLY=()
  case $command:$previous in
${commands.flatMap(({ name, flags }) => flags.flatMap((flag) => valueCase(name, flag))).join('\n')}
  esac
  case $command in
${commands.map((command) => `    ${command.name}) ${completeWords(command.flags, command.choices)}${command.takesNames ? NAMES_UNLESS_OPTION : ''} ;;`).join('\n')}
    *) ${completeWords(flags, names)} ;;
  esac
}
complete -F _petit ${NAMES.join(' ')}
`;
}

/**
 * The case of a `case` statement that completes the value of a flag.
 * @param {string} command
 * @param {Flag} flag
 */
function valueCase(command, { names, value }) {
  if (!value) return [];
  const completer =
    value.kind === 'choice' ? `_petit_from -W '${value.choices.join('\n')}'` : VALUE_COMPLETERS[value.kind];
  return [
    `    ${names.map((name) => `${command}:${name}`).join('|')}) ${completer && `${completer}; `}return ;;`,
  ];
}

/**
 * @param {Flag[]} flags
 * @param {string[]} others
 */
function completeWords(flags, others) {
  return `_petit_from -W '${[...others, ...flags.flatMap(({ names }) => names)].join('\n')}'`;
}
