import colors from 'picocolors';

/** @typedef {ReturnType<typeof colors.createColors>} Colors */
/** What is known of the terminal that a text is for.
 * @typedef {{ columns?: number | undefined, colors: Colors }} Screen `columns`: undefined if the output is no terminal */

/** A file or a pipe. @type {Screen} */
export const PLAIN = { colors: colors.createColors(false) };

/**
 * The screen that a stream writes to. NO_COLOR and FORCE_COLOR decide about colour; else a terminal has it.
 * @param {{ isTTY?: boolean, columns?: number }} stream
 * @param {Record<string, string | undefined>} env
 * @returns {Screen}
 */
export function screenOf({ isTTY = false, columns }, env) {
  return { columns: isTTY ? columns : undefined, colors: colors.createColors(hasColors(isTTY, env)) };
}

/** @param {boolean} isTTY @param {Record<string, string | undefined>} env */
function hasColors(isTTY, { NO_COLOR = '', FORCE_COLOR, TERM }) {
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR);
  return NO_COLOR === '' && isTTY && TERM !== 'dumb';
}

/** The colours of actions and states. Red: something is wrong. Yellow: something is replaced or not known. */
const WORDS = {
  green: ['CREATE', 'APPEND', 'done', 'ok', '='],
  yellow: ['OVERWRITE', 'REBUILD', 'REPLACE', 'DELETE', 'UNKNOWN', 'WARNING', 'KEEP'],
  red: ['ERROR', 'FAILED', 'failed', '*', '+', '-', '!'],
  dim: ['SKIP', 'unchanged', 'skipped'],
};

/**
 * A word of a plan or of a result in its colour.
 * @param {string} text may have blanks around the word
 * @param {Colors} colors
 */
export function colored(text, colors) {
  const word = text.trim();
  for (const color of /** @type {const} */ (['green', 'yellow', 'red', 'dim'])) {
    if (WORDS[color].includes(word)) return colors[color](text);
  }
  return text;
}
