/**
 * SQL text as tokens: enough of the grammar to tell names, strings and comments apart, for Trino and for Hive.
 *
 * @typedef {object} Token
 * @property {'word' | 'quoted' | 'string' | 'number' | 'symbol'} type
 * @property {string} text as DuckDB takes it
 * @property {string} value what it means: a name without its quotes, a string's content
 * @property {string} space what stands before it: nothing, a blank, or a line break
 * @property {number} at its place in the source
 */

const SPACE = /^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/;
const NUMBER = /^(\d+\.\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)/;
const WORD = /^[\p{L}_@][\p{L}\p{N}_@$]*/u;
const SYMBOL = /^(<>|!=|<=|>=|\|\||->|=>|::|[\s\S])/;

/**
 * @param {string} sql
 * @param {'presto' | 'hive'} dialect
 * @returns {Token[]}
 * @throws {Error} for a string, name or comment without an end
 */
export function tokenize(sql, dialect) {
  /** @type {Token[]} */
  const tokens = [];
  let at = 0;
  let space = '';
  /** @param {Token['type']} type @param {number} length @param {string} text @param {string} [value] */
  const add = (type, length, text, value = text) => {
    tokens.push({ type, text, value, space, at });
    at += length;
    space = '';
  };
  while (at < sql.length) {
    const rest = sql.slice(at, at + 4096);
    const blank = SPACE.exec(rest.startsWith('/*') || rest.startsWith('--') ? sql.slice(at) : rest);
    if (blank) {
      at += blank[0].length;
      space = blank[0].includes('\n') ? '\n' : ' ';
      continue;
    }
    const first = rest.charAt(0);
    if (first === "'" || first === '"' || first === '`') {
      const { length, content } = quoted(sql, at, dialect);
      const name = first === '`' || (first === '"' && dialect === 'presto');
      const text = name ? `"${content.replaceAll('"', '""')}"` : `'${content.replaceAll("'", "''")}'`;
      add(name ? 'quoted' : 'string', length, text, content);
      continue;
    }
    if (rest.startsWith('/*')) throw new Error(`line ${lineOf(sql, at)}: a comment does not end`);
    const word = WORD.exec(rest);
    const number = NUMBER.exec(rest);
    if (word) add('word', word[0].length, word[0]);
    else if (number) add('number', number[0].length, number[0]);
    else add('symbol', (SYMBOL.exec(rest) ?? ' ')[0].length, (SYMBOL.exec(rest) ?? ' ')[0]);
  }
  return tokens;
}

/**
 * Reads what stands between quotes: a doubled quote is one, and Hive knows backslashes too.
 * @param {string} sql
 * @param {number} start
 * @param {'presto' | 'hive'} dialect
 */
function quoted(sql, start, dialect) {
  const mark = sql.charAt(start);
  const pieces = [];
  let from = start + 1;
  for (let at = from; at < sql.length; at += 1) {
    const here = sql.charAt(at);
    if (here === '\\' && dialect === 'hive' && mark !== '`') {
      pieces.push(sql.slice(from, at), HIVE_ESCAPES[sql.charAt(at + 1)] ?? sql.charAt(at + 1));
      at += 1;
      from = at + 1;
    } else if (here === mark && sql.charAt(at + 1) === mark) {
      pieces.push(sql.slice(from, at + 1));
      at += 1;
      from = at + 1;
    } else if (here === mark) {
      pieces.push(sql.slice(from, at));
      return { length: at + 1 - start, content: pieces.join('') };
    }
  }
  throw new Error(`line ${lineOf(sql, start)}: a ${mark} is never closed`);
}

/** @type {Record<string, string>} */
const HIVE_ESCAPES = { n: '\n', t: '\t', r: '\r', 0: '\0' };

/**
 * @param {string} sql
 * @param {number} at
 * @returns {string} `line:column`, from 1
 */
export function lineOf(sql, at) {
  const lines = sql.slice(0, at).split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

/**
 * @param {Token | undefined} token
 * @param {...string} words in capitals
 * @returns {boolean} whether the token is one of these words, not quoted
 */
export const isWord = (token, ...words) => token?.type === 'word' && words.includes(token.text.toUpperCase());

/**
 * @param {Token | undefined} token
 * @param {string} symbol
 */
export const isSymbol = (token, symbol) => token?.type === 'symbol' && token.text === symbol;

/** @param {Token | undefined} token @returns {token is Token} */
export const isName = (token) => token?.type === 'word' || token?.type === 'quoted';

/** @param {Token[]} tokens @returns {string} SQL text */
export const join = (tokens) => tokens.map((token) => token.space + token.text).join('');

/**
 * @param {Token[]} tokens
 * @param {number} open the place of a bracket
 * @returns {number} the place of the bracket that closes it, or the end
 */
export function closing(tokens, open) {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    depth += depthChange(tokens[at]);
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** @param {Token | undefined} token */
export function depthChange(token) {
  if (token?.type !== 'symbol') return 0;
  if (token.text === '(' || token.text === '[' || token.text === '{') return 1;
  return token.text === ')' || token.text === ']' || token.text === '}' ? -1 : 0;
}

/**
 * Cuts tokens at a symbol that stands in no brackets.
 * @param {Token[]} tokens
 * @param {string} symbol
 * @returns {Token[][]} one piece more than there are such symbols
 */
export function split(tokens, symbol) {
  /** @type {Token[][]} */
  const pieces = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += depthChange(token);
    if (depth === 0 && isSymbol(token, symbol)) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces;
}
