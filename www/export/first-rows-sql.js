// The query for the first rows of a query. Pure functions.

/** @import { ErrorData } from '../../pkg-scripts/types.js' */

export const FIRST_ROWS = 100;

/**
 * A query for the first rows of the user's query, which is in lines of its own: it may end in a comment.
 * @param {string} query
 */
export const firstRowsSql = (query) =>
  `SELECT * FROM (\n${query.trim().replace(/(\s*;)+$/, '')}\n) LIMIT ${FIRST_ROWS}`;

/**
 * An error of that query, with the places in the user's own query.
 * @param {ErrorData} error
 * @returns {ErrorData}
 */
export function ofUsersQuery(error) {
  const message = error.message.replace(/\bline (\d+):/, (_, line) => `line ${Math.max(1, line - 1)}:`);
  return { ...error, message };
}

/**
 * The place in the query that a message names.
 * @param {string} message such as `query failed (job 7): line 1:8: Column 'nope' cannot be resolved`
 * @returns {{ line: number, column: number } | undefined} both from 1
 */
export function placeIn(message) {
  const [, line, column] = /\bline (\d+):(\d+)/.exec(message) ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}
