import { NAMES } from './grammar.js';

/** @import { Flag, Grammar, Value } from './grammar.js' */

/** How zsh finds what may stand after an option.
 * @type {Record<Exclude<Value['kind'], 'choice'>, string>} */
const FINDERS = { file: '_files', folder: '_files -/', other: ' ' };

/**
 * Completions for zsh.
 * @param {Grammar} grammar
 */
export function zshCompletion({ flags, commands }) {
  return `#compdef ${NAMES.join(' ')}
# zsh completion for petit: source this file, or put it as _petit into a folder of $fpath.
_petit() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  _arguments -C \\
${flags.map((flag) => `    ${specOf(flag)} \\`).join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
${commands.map(caseOf).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _petit ]]; then _petit "$@"; else compdef _petit ${NAMES.join(' ')}; fi
`;
}

/** @param {Grammar['commands'][number]} command */
function caseOf({ name, flags, choices }) {
  const first = choices.length > 0 ? quoted(`1: :(${choices.join(' ')})`) : "'*: : '";
  return `        ${name}) _arguments ${[...flags.map(specOf), first].join(' \\\n          ')} ;;`;
}

/** An option as _arguments takes it, each of its names excluding the others.
 * @param {Flag} flag */
function specOf({ names, description, value }) {
  const told = `[${description.replace(/[[\]\\:]/g, '\\$&')}]`;
  const after =
    value === undefined
      ? ''
      : `: :${value.kind === 'choice' ? `(${value.choices.join(' ')})` : FINDERS[value.kind]}`;
  const typed = (/** @type {string} */ name) => (value && name.startsWith('--') ? `${name}=` : name);
  const each = names.map((name) => quoted(`(${names.join(' ')})${typed(name)}${told}${after}`));
  return each.join(' ');
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
