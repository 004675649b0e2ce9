import { NAMES } from './grammar.js';

/** @import { Flag, Grammar, Value } from './grammar.js' */

/** How zsh completes an option's value.
 * @type {Record<Exclude<Value['kind'], 'choice'>, string>} */
const VALUE_COMPLETERS = { file: '_files', folder: '_files -/', account: '_petit_names', other: ' ' };

/**
 * The completion script for zsh.
 * @param {Grammar} grammar
 */
export function zshCompletion({ flags, commands }) {
  return `#compdef ${NAMES.join(' ')}
# zsh completion for petit. Source this file, or save it as _petit in a folder of $fpath.
_petit_names() {
  local -a names=(\${(f)"$(command petit complete --current=$PREFIX -- "\${(@Q)words[1,CURRENT-1]}" 2>/dev/null)"})
  compadd -a names
}
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
function caseOf({ name, flags, choices, takesNames }) {
  const others = takesNames ? "'*: :_petit_names'" : "'*: : '";
  const first = choices.length > 0 ? quoted(`1: :(${choices.join(' ')})`) : others;
  return `        ${name}) _arguments ${[...flags.map(specOf), first].join(' \\\n          ')} ;;`;
}

/** The _arguments specification of an option. Each of its names excludes the others.
 * @param {Flag} flag */
function specOf({ names, description, value }) {
  const explanation = `[${description.replace(/[[\]\\:]/g, '\\$&')}]`;
  const completer =
    value === undefined
      ? ''
      : `: :${value.kind === 'choice' ? `(${value.choices.join(' ')})` : VALUE_COMPLETERS[value.kind]}`;
  const nameSpec = (/** @type {string} */ name) => (value && name.startsWith('--') ? `${name}=` : name);
  const specs = names.map((name) =>
    quoted(`(${names.join(' ')})${nameSpec(name)}${explanation}${completer}`),
  );
  return specs.join(' ');
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
