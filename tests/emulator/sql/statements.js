import { closing, depthChange, isName, isSymbol, isWord, split, tokenize } from './tokens.js';

/**
 * Parses a job's SQL into statements.
 *
 * @typedef {import('./tokens.js').Token} Token
 * @typedef {{ database: string | null, table: string }} TableName
 * @typedef {{ kind: 'select', query: Token[] }
 *   | { kind: 'create', name: TableName, ifNotExists: boolean, columns: { name: string, type: Token[] }[] }
 *   | { kind: 'ctas', name: TableName, ifNotExists: boolean, query: Token[] }
 *   | { kind: 'insert', name: TableName, columns: string[] | null, overwrite: boolean, query: Token[] }
 *   | { kind: 'drop', name: TableName, ifExists: boolean }
 *   | { kind: 'create_view', name: TableName, replace: boolean, query: Token[] }
 *   | { kind: 'drop_view', name: TableName, ifExists: boolean }
 *   | { kind: 'delete', name: TableName, where: Token[] }} Statement
 */

/**
 * @param {string} sql
 * @param {'presto' | 'hive'} dialect
 * @returns {Statement[]}
 * @throws {Error} for any other statement
 */
export function parseStatements(sql, dialect) {
  const statements = split(tokenize(sql, dialect), ';').filter((tokens) => tokens.length > 0);
  if (statements.length === 0) throw new Error('line 1:1: the query is empty');
  return statements.map((tokens) => new Parser(tokens).statement());
}

class Parser {
  /** @param {Token[]} tokens of one statement */
  constructor(tokens) {
    this.tokens = tokens;
    this.position = 0;
  }

  /** @returns {Statement} */
  statement() {
    if (this.words('CREATE', 'TABLE')) return this.#create();
    if (this.words('CREATE', 'VIEW')) return this.#createView(false);
    if (this.words('CREATE', 'OR', 'REPLACE', 'VIEW')) return this.#createView(true);
    if (this.words('DROP', 'VIEW')) {
      const ifExists = this.words('IF', 'EXISTS');
      return { kind: 'drop_view', ifExists, name: this.name() };
    }
    if (this.words('INSERT', 'INTO')) return this.#insert(false);
    if (this.words('INSERT', 'OVERWRITE')) return this.#insert(true);
    if (this.words('DROP', 'TABLE')) {
      const ifExists = this.words('IF', 'EXISTS');
      return { kind: 'drop', ifExists, name: this.name() };
    }
    if (this.words('DELETE', 'FROM')) {
      const name = this.name();
      return { kind: 'delete', name, where: this.words('WHERE') ? this.rest() : [] };
    }
    const [first] = this.tokens;
    if (isWord(first, 'SELECT', 'WITH', 'VALUES', 'TABLE') || isSymbol(first, '(')) {
      return { kind: 'select', query: this.tokens };
    }
    throw new Error(`line 1:${(first?.position ?? 0) + 1}: mismatched input '${first?.text}'`);
  }

  /** @returns {Statement} */
  #create() {
    const ifNotExists = this.words('IF', 'NOT', 'EXISTS');
    const name = this.name();
    /** @type {Token[][]} */
    let columns = [];
    if (isSymbol(this.tokens[this.position], '(')) columns = split(this.#brackets(), ',');
    if (this.words('WITH')) this.#brackets();
    if (!this.words('AS')) {
      const named = columns.map(([column, ...type]) => ({ name: column?.value ?? '', type }));
      return { kind: 'create', name, ifNotExists, columns: named };
    }
    return { kind: 'ctas', name, ifNotExists, query: this.#query() };
  }

  /**
   * @param {boolean} replace
   * @returns {Statement}
   */
  #createView(replace) {
    const name = this.name();
    if (this.words('SECURITY') && !this.words('DEFINER') && !this.words('INVOKER')) {
      throw new Error(`line 1:1: mismatched input after SECURITY`);
    }
    if (!this.words('AS')) throw new Error(`line 1:1: a view has no AS`);
    return { kind: 'create_view', name, replace, query: this.rest() };
  }

  /**
   * @param {boolean} overwrite
   * @returns {Statement}
   */
  #insert(overwrite) {
    this.words('TABLE');
    const name = this.name();
    /** @type {string[] | null} */
    let columns = null;
    const inner = this.tokens[this.position + 1];
    if (
      isSymbol(this.tokens[this.position], '(') &&
      !isWord(inner, 'SELECT', 'WITH', 'VALUES') &&
      !isSymbol(inner, '(')
    ) {
      columns = split(this.#brackets(), ',').map(([column]) => column?.value ?? '');
    }
    return { kind: 'insert', name, columns, overwrite, query: this.rest() };
  }

  /** A query, with or without surrounding brackets. */
  #query() {
    const rest = this.rest();
    const bracketed = isSymbol(rest[0], '(') && closing(rest, 0) === rest.length - 1;
    return bracketed ? rest.slice(1, -1) : rest;
  }

  #brackets() {
    const end = closing(this.tokens, this.position);
    const inner = this.tokens.slice(this.position + 1, end);
    this.position = end + 1;
    return inner;
  }

  /** Consumes words. @param {...string} words @returns {boolean} whether these were the next tokens */
  words(...words) {
    if (!words.every((word, index) => isWord(this.tokens[this.position + index], word))) return false;
    this.position += words.length;
    return true;
  }

  /** @returns {TableName} of the form t, d.t or catalog.d.t */
  name() {
    const parts = [];
    for (;;) {
      const token = this.tokens[this.position];
      if (!token || !isName(token))
        throw new Error(`line 1:${this.tokens[0]?.position ?? 1}: a table name is missing`);
      parts.push(token.value);
      this.position += 1;
      if (!isSymbol(this.tokens[this.position], '.')) break;
      this.position += 1;
    }
    return { database: parts.at(-2) ?? null, table: /** @type {string} */ (parts.at(-1)) };
  }

  rest() {
    return this.tokens.slice(this.position);
  }
}

/**
 * An item of a select list, for the column names that differ between TD and DuckDB.
 *
 * @typedef {object} Item
 * @property {boolean} star whether it is `*`
 * @property {boolean} named whether it has a name
 * @property {string | null} literal the text of a string literal, whose column is varchar(n)
 *
 * @param {Token[]} query
 * @returns {Item[] | null} the items of the first SELECT; null if there is none at the top level
 */
export function selectItems(query) {
  let depth = 0;
  let start = -1;
  let end = query.length;
  for (const [index, token] of query.entries()) {
    depth += depthChange(token);
    if (depth !== 0) continue;
    if (start < 0 && isWord(token, 'SELECT')) start = index + 1;
    else if (
      start >= 0 &&
      isWord(token, 'FROM', 'WHERE', 'UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT', 'GROUP')
    ) {
      end = index;
      break;
    }
  }
  if (start < 0) return null;
  if (isWord(query[start], 'DISTINCT', 'ALL')) start += 1;
  return split(query.slice(start, end), ',').map(itemOf);
}

/**
 * @param {Token[]} tokens
 * @returns {Item}
 */
function itemOf(tokens) {
  const last = tokens.at(-1);
  const before = tokens.at(-2);
  const literal =
    tokens[0]?.type === 'string' && (tokens.length === 1 || isName(tokens[1])) ? tokens[0].value : null;
  if (isSymbol(last, '*') && (tokens.length === 1 || isSymbol(before, '.'))) {
    return { star: true, named: true, literal: null };
  }
  const keyword = isWord(last, 'END', 'NULL', 'TRUE', 'FALSE');
  const named = isName(last) && !keyword && (tokens.length === 1 || endsExpression(before));
  return { star: false, named, literal };
}

/** @param {Token | undefined} token before a name. Whether the name is an alias, not a part of a path */
function endsExpression(token) {
  if (!token) return false;
  if (isSymbol(token, '.') || isSymbol(token, ')') || isSymbol(token, ']') || isSymbol(token, '}'))
    return true;
  return (
    token.type !== 'symbol' &&
    !isWord(token, 'IS', 'NOT', 'AND', 'OR', 'LIKE', 'IN', 'BETWEEN', 'THEN', 'ELSE')
  );
}

/**
 * The names that TD assigns to a query's columns.
 * @param {Token[]} query
 * @param {string[]} names as DuckDB names the columns
 * @param {'presto' | 'hive'} dialect
 * @returns {{ names: string[], literals: (string | null)[] }}
 */
export function nameColumns(query, names, dialect) {
  const prefix = dialect === 'hive' ? '_c' : '_col';
  const items = selectItems(query);
  /** @type {(string | null)[]} */
  const literals = names.map(() => null);
  const named = [...names];
  if (!items) {
    const values = isWord(query[0], 'VALUES');
    return { names: values ? names.map((_, index) => `${prefix}${index}`) : named, literals };
  }
  const stars = items.filter((item) => item.star).length;
  if (stars > 1) return { names: named, literals };
  let index = 0;
  for (const item of items) {
    if (!item.star && !item.named) named[index] = `${prefix}${index}`;
    literals[index] = item.literal;
    index += item.star ? names.length - (items.length - 1) : 1;
  }
  return { names: named.slice(0, names.length), literals: literals.slice(0, names.length) };
}
