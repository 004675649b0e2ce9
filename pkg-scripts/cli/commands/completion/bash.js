import { NAMES } from './grammar.js';

/** @import { Flag, Grammar, Value } from './grammar.js' */

/** How bash finds what may stand after an option.
 * @type {Record<Exclude<Value['kind'], 'choice'>, string>} */
const FINDERS = {
  file: 'compopt -o filenames 2>/dev/null; _petit_from -f',
  folder: '_petit_from -d',
  other: '',
};

/**
 * Completions for bash 3.2 and later.
 * @param {Grammar} grammar
 */
export function bashCompletion({ flags, commands }) {
  const names = commands.map(({ name }) => name);
  return `# bash completion for petit: source this file, or put it where your bash-completion looks.
_petit_from() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$@" -- "$current"))
}
_petit() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= at
  # bash splits --option=value at the sign.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      ${names.join('|')}) command=\${COMP_WORDS[at]}; break ;;
    esac
  done
  COMPREPLY=()
  case $command:$previous in
${commands.flatMap(({ name, flags }) => flags.flatMap((flag) => afterFlag(name, flag))).join('\n')}
  esac
  case $command in
${commands.map((command) => `    ${command.name}) ${words(command.flags, command.choices)} ;;`).join('\n')}
    *) ${words(flags, names)} ;;
  esac
}
complete -F _petit ${NAMES.join(' ')}
`;
}

/**
 * @param {string} command
 * @param {Flag} flag
 */
function afterFlag(command, { names, value }) {
  if (!value) return [];
  const finder =
    value.kind === 'choice' ? `_petit_from -W '${value.choices.join('\n')}'` : FINDERS[value.kind];
  return [`    ${names.map((name) => `${command}:${name}`).join('|')}) ${finder && `${finder}; `}return ;;`];
}

/**
 * @param {Flag[]} flags
 * @param {string[]} others
 */
function words(flags, others) {
  return `_petit_from -W '${[...others, ...flags.flatMap(({ names }) => names)].join('\n')}'`;
}
