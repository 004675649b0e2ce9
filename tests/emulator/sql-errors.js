import { ApiError } from './errors.js';

/**
 * DuckDB's errors in Trino's words, as a job's stderr shows them.
 * @param {unknown} error
 * @param {{ id: string, database: string }} job
 * @returns {Error}
 */
export function explain(error, job) {
  const text = error instanceof Error ? error.message : String(error);
  return new Error(
    `Query job${job.id} failed: ${error instanceof ApiError ? text : inTrinoWords(text, job.database)}`,
  );
}

/**
 * @param {string} text
 * @param {string} database
 */
function inTrinoWords(text, database) {
  const schema =
    /Table with name "?([^"]*?)\.([^".]*)"? does not exist because schema "([^"]*)" does not exist/.exec(
      text,
    );
  if (schema) return `line 1:1: Schema '${schema[3]}' does not exist`;
  const table = /Table with name "?(.*?)"? does not exist/.exec(text);
  if (table)
    return `line ${place(text)}: Table 'td-presto.${qualified(table[1] ?? '', database)}' does not exist`;
  const column = /Referenced column "(.*?)" not found/.exec(text);
  if (column) return `line ${place(text)}: Column '${column[1]}' cannot be resolved`;
  const syntax = /Parser Error: syntax error at or near "(.*?)"/.exec(text);
  if (syntax) return `line ${place(text)}: mismatched input '${syntax[1]}'`;
  return text.replace(/^(\w+ )+Error: /, '');
}

/**
 * @param {string} name
 * @param {string} database
 */
const qualified = (name, database) => (name.includes('.') ? name : `${database}.${name}`);

/** @param {string} text DuckDB's, which marks the place with a caret */
function place(text) {
  const lines = text.split('\n');
  const caret = lines.findIndex((line) => /^\s*\^\s*$/.test(line));
  const shown = /^LINE (\d+): /.exec(lines[caret - 1] ?? '');
  if (!shown) return '1:1';
  return `${shown[1]}:${(lines[caret] ?? '').indexOf('^') - shown[0].length + 1}`;
}
