/**
 * Splits SQL of Trino or Hive into tokens. Knows enough of the grammar to distinguish names, strings and comments.
 *
 * @typedef {object} Token
 * @property {'word' | 'quoted' | 'string' | 'number' | 'symbol'} type
 * @property {string} text in DuckDB's dialect
 * @property {string} value a name without quotes, or the content of a string
 * @property {string} space white space before the token: empty, a space or a line break
 * @property {number} position in the source
 */

const SPACE = /^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/;
const NUMBER = /^(\d+\.\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)/;
const WORD = /^[\p{L}_@][\p{L}\p{N}_@$]*/u;
const SYMBOL = /^(<>|!=|<=|>=|\|\||->|=>|::|[\s\S])/;

/**
 * @param {string} sql
 * @param {'presto' | 'hive'} dialect
 * @returns {Token[]}
 * @throws {Error} for an unterminated string, name or comment
 */
export function tokenize(sql, dialect) {
  /** @type {Token[]} */
  const tokens = [];
  let position = 0;
  let space = '';
  /** @param {Token['type']} type @param {number} length @param {string} text @param {string} [value] */
  const add = (type, length, text, value = text) => {
    tokens.push({ type, text, value, space, position });
    position += length;
    space = '';
  };
  while (position < sql.length) {
    const rest = sql.slice(position, position + 4096);
    const blank = SPACE.exec(rest.startsWith('/*') || rest.startsWith('--') ? sql.slice(position) : rest);
    if (blank) {
      position += blank[0].length;
      space = blank[0].includes('\n') ? '\n' : ' ';
      continue;
    }
    const first = rest.charAt(0);
    if (first === "'" || first === '"' || first === '`') {
      const { length, content } = quoted(sql, position, dialect);
      const name = first === '`' || (first === '"' && dialect === 'presto');
      const text = name ? `"${content.replaceAll('"', '""')}"` : `'${content.replaceAll("'", "''")}'`;
      add(name ? 'quoted' : 'string', length, text, content);
      continue;
    }
    if (rest.startsWith('/*')) throw new Error(`line ${lineOf(sql, position)}: a comment does not end`);
    const word = WORD.exec(rest);
    const number = NUMBER.exec(rest);
    if (word) add('word', word[0].length, word[0]);
    else if (number) add('number', number[0].length, number[0]);
    else add('symbol', (SYMBOL.exec(rest) ?? ' ')[0].length, (SYMBOL.exec(rest) ?? ' ')[0]);
  }
  return tokens;
}

/**
 * Reads quoted text. A doubled quote is an escaped one. Hive also has backslash escapes.
 * @param {string} sql
 * @param {number} start
 * @param {'presto' | 'hive'} dialect
 */
function quoted(sql, start, dialect) {
  const quote = sql.charAt(start);
  const parts = [];
  let from = start + 1;
  for (let position = from; position < sql.length; position += 1) {
    const char = sql.charAt(position);
    if (char === '\\' && dialect === 'hive' && quote !== '`') {
      parts.push(
        sql.slice(from, position),
        HIVE_ESCAPES[sql.charAt(position + 1)] ?? sql.charAt(position + 1),
      );
      position += 1;
      from = position + 1;
    } else if (char === quote && sql.charAt(position + 1) === quote) {
      parts.push(sql.slice(from, position + 1));
      position += 1;
      from = position + 1;
    } else if (char === quote) {
      parts.push(sql.slice(from, position));
      return { length: position + 1 - start, content: parts.join('') };
    }
  }
  throw new Error(`line ${lineOf(sql, start)}: a ${quote} is never closed`);
}

/** @type {Record<string, string>} */
const HIVE_ESCAPES = { n: '\n', t: '\t', r: '\r', 0: '\0' };

/**
 * @param {string} sql
 * @param {number} position
 * @returns {string} `line:column`, counted from 1
 */
export function lineOf(sql, position) {
  const lines = sql.slice(0, position).split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

/**
 * @param {Token | undefined} token
 * @param {...string} words in upper case
 * @returns {boolean} whether the token is one of these words, without quotes
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
 * @param {number} open index of an opening bracket
 * @returns {number} index of the closing bracket, or the end
 */
export function closing(tokens, open) {
  let depth = 0;
  for (let position = open; position < tokens.length; position += 1) {
    depth += depthChange(tokens[position]);
    if (depth === 0) return position;
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
 * Splits tokens at a symbol outside of brackets.
 * @param {Token[]} tokens
 * @param {string} symbol
 * @returns {Token[][]}
 */
export function split(tokens, symbol) {
  /** @type {Token[][]} */
  const parts = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += depthChange(token);
    if (depth === 0 && isSymbol(token, symbol)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
