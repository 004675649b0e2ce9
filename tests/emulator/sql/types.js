import { isSymbol, isWord, join, split } from './tokens.js';

/** @typedef {import('./tokens.js').Token} Token */

/** @type {Record<string, string>} Trino and Hive names that DuckDB lacks or means otherwise */
const NAMES = { VARBINARY: 'BLOB', BINARY: 'BLOB', STRING: 'VARCHAR', REAL: 'FLOAT', INT: 'INTEGER' };

/**
 * A type as Trino or Hive writes it, as DuckDB writes it.
 * @param {Token[]} tokens `array(varchar)`, `row(a bigint)`, `map<string,int>`, `timestamp(3) with time zone` …
 * @returns {string}
 */
export function duckType(tokens) {
  const [head, open] = tokens;
  if (!head) return '';
  const bracketed = isSymbol(open, '(') || isSymbol(open, '<');
  const inner = () => splitType(tokens.slice(2, -1));
  if (bracketed && isWord(head, 'ARRAY')) return `${duckType(tokens.slice(2, -1))}[]`;
  if (bracketed && isWord(head, 'MAP')) return `MAP(${inner().map(duckType).join(', ')})`;
  if (bracketed && isWord(head, 'ROW')) return `STRUCT(${inner().map(field).join(', ')})`;
  if (isWord(head, 'TIMESTAMP')) {
    return tokens.some((token) => isWord(token, 'ZONE')) ? 'TIMESTAMPTZ' : 'TIMESTAMP';
  }
  if (tokens.length === 1) return NAMES[head.text.toUpperCase()] ?? head.text;
  return join(tokens).trim();
}

/** @param {Token[]} tokens `name type`, or a type alone @param {number} place */
function field(tokens, place) {
  const named = tokens.length > 1 && !isSymbol(tokens[1], '(') && !isSymbol(tokens[1], '<');
  return named ? `${tokens[0]?.text} ${duckType(tokens.slice(1))}` : `field${place} ${duckType(tokens)}`;
}

/**
 * Cuts at commas outside of round and angle brackets.
 * @param {Token[]} tokens
 * @returns {Token[][]}
 */
function splitType(tokens) {
  /** @type {Token[][]} */
  const pieces = [[]];
  let angles = 0;
  for (const piece of split(tokens, ',')) {
    if (angles > 0)
      pieces.at(-1)?.push(/** @type {Token} */ ({ type: 'symbol', text: ',', value: ',' }), ...piece);
    else if (pieces[0]?.length === 0) pieces[0].push(...piece);
    else pieces.push(piece);
    for (const token of piece) angles += isSymbol(token, '<') ? 1 : isSymbol(token, '>') ? -1 : 0;
  }
  return pieces;
}
