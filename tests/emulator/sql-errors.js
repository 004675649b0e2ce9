import { ApiError } from './errors.js';

/**
 * Translates DuckDB's errors to Trino's messages, for a job's stderr.
 * @param {unknown} error
 * @param {{ id: string, database: string }} job
 * @returns {Error}
 */
export function toTrinoError(error, job) {
  const text = error instanceof Error ? error.message : String(error);
  return new Error(
    `Query job${job.id} failed: ${error instanceof ApiError ? text : toTrinoMessage(text, job.database)}`,
  );
}

/**
 * @param {string} text
 * @param {string} database
 */
function toTrinoMessage(text, database) {
  const schema =
    /Table with name "?([^"]*?)\.([^".]*)"? does not exist because schema "([^"]*)" does not exist/.exec(
      text,
    );
  if (schema) return `line 1:1: Schema '${schema[3]}' does not exist`;
  const table = /Table with name "?(.*?)"? does not exist/.exec(text);
  if (table)
    return `line ${position(text)}: Table 'td-presto.${qualified(table[1] ?? '', database)}' does not exist`;
  const column = /Referenced column "(.*?)" not found/.exec(text);
  if (column) return `line ${position(text)}: Column '${column[1]}' cannot be resolved`;
  const syntax = /Parser Error: syntax error at or near "(.*?)"/.exec(text);
  if (syntax) return `line ${position(text)}: mismatched input '${syntax[1]}'`;
  return text.replace(/^(\w+ )+Error: /, '');
}

/**
 * @param {string} name
 * @param {string} database
 */
const qualified = (name, database) => (name.includes('.') ? name : `${database}.${name}`);

/** The position in Trino's format, `line:column`. @param {string} text of DuckDB, which marks the position with a caret */
function position(text) {
  const lines = text.split('\n');
  const caret = lines.findIndex((line) => /^\s*\^\s*$/.test(line));
  const source = /^LINE (\d+): /.exec(lines[caret - 1] ?? '');
  if (!source) return '1:1';
  return `${source[1]}:${(lines[caret] ?? '').indexOf('^') - source[0].length + 1}`;
}
