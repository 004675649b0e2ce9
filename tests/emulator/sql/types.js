import { isSymbol, isWord, join, split } from './tokens.js';

/** @typedef {import('./tokens.js').Token} Token */

/** @type {Record<string, string>} Trino's and Hive's names that DuckDB lacks or uses for another type */
const NAMES = { VARBINARY: 'BLOB', BINARY: 'BLOB', STRING: 'VARCHAR', REAL: 'FLOAT', INT: 'INTEGER' };

/**
 * Translates a type of Trino or Hive to DuckDB's.
 * @param {Token[]} tokens `array(varchar)`, `row(a bigint)`, `map<string,int>`, `timestamp(3) with time zone` …
 * @returns {string}
 */
export function duckType(tokens) {
  const [name, open] = tokens;
  if (!name) return '';
  const bracketed = isSymbol(open, '(') || isSymbol(open, '<');
  const inner = () => splitType(tokens.slice(2, -1));
  if (bracketed && isWord(name, 'ARRAY')) return `${duckType(tokens.slice(2, -1))}[]`;
  if (bracketed && isWord(name, 'MAP')) return `MAP(${inner().map(duckType).join(', ')})`;
  if (bracketed && isWord(name, 'ROW')) return `STRUCT(${inner().map(field).join(', ')})`;
  if (isWord(name, 'TIMESTAMP')) {
    return tokens.some((token) => isWord(token, 'ZONE')) ? 'TIMESTAMPTZ' : 'TIMESTAMP';
  }
  if (tokens.length === 1) return NAMES[name.text.toUpperCase()] ?? name.text;
  return join(tokens).trim();
}

/** @param {Token[]} tokens `name type`, or a type alone @param {number} index */
function field(tokens, index) {
  const named = tokens.length > 1 && !isSymbol(tokens[1], '(') && !isSymbol(tokens[1], '<');
  return named ? `${tokens[0]?.text} ${duckType(tokens.slice(1))}` : `field${index} ${duckType(tokens)}`;
}

/**
 * Splits at commas outside of round and angle brackets.
 * @param {Token[]} tokens
 * @returns {Token[][]}
 */
function splitType(tokens) {
  /** @type {Token[][]} */
  const parts = [[]];
  let angles = 0;
  for (const part of split(tokens, ',')) {
    if (angles > 0)
      parts.at(-1)?.push(/** @type {Token} */ ({ type: 'symbol', text: ',', value: ',' }), ...part);
    else if (parts[0]?.length === 0) parts[0].push(...part);
    else parts.push(part);
    for (const token of part) angles += isSymbol(token, '<') ? 1 : isSymbol(token, '>') ? -1 : 0;
  }
  return parts;
}
