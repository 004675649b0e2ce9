import { LOGICAL_VIEWS, schemaOf } from '../engine.js';
import { timeFormat, timeInterval, timeString } from './time.js';
import { closing, isName, isSymbol, isWord, split } from './tokens.js';
import { duckType } from './types.js';

/**
 * Translates Trino or Hive SQL to DuckDB's dialect.
 *
 * @typedef {import('./tokens.js').Token} Token
 * @typedef {object} Context
 * @property {number} scheduledTime value of TD_SCHEDULED_TIME(), in Unix seconds
 */

const CATALOGS = new Set(['td', 'td-presto']);

/**
 * @param {Token[]} tokens
 * @param {Context} context
 * @returns {string} SQL in DuckDB's dialect
 */
export function rewrite(tokens, context) {
  let sql = '';
  for (let index = 0; index < tokens.length; index += 1) {
    const token = /** @type {Token} */ (tokens[index]);
    const next = tokens[index + 1];
    const { space } = token;
    if (token.type === 'word' && isSymbol(next, '(')) {
      const end = closing(tokens, index + 1);
      const call = rewriteCall(token, tokens.slice(index + 2, end), context);
      if (call !== null) {
        sql += space + call;
        index = end;
        continue;
      }
    }
    if (isWord(token, 'INFORMATION_SCHEMA') && isSymbol(next, '.') && isWord(tokens[index + 2], 'VIEWS')) {
      sql += `${space}${LOGICAL_VIEWS}`;
      index += 2;
      continue;
    }
    if (isWord(token, 'X') && next?.type === 'string' && next.space === '') {
      sql += `${space}unhex(${next.text})`;
      index += 1;
      continue;
    }
    if (isWord(token, 'DECIMAL') && next?.type === 'string') {
      sql += `${space}${decimal(next.value)}`;
      index += 1;
      continue;
    }
    sql += space + rewriteToken(tokens, index);
  }
  return sql;
}

/**
 * @param {Token[]} tokens
 * @param {number} index
 */
function rewriteToken(tokens, index) {
  const token = /** @type {Token} */ (tokens[index]);
  // TD reads decimal literals as DOUBLE.
  if (token.type === 'number' && token.text.includes('.') && !/[eE]/.test(token.text))
    return `${token.text}e0`;
  if (!isName(token) || !isSymbol(tokens[index + 1], '.')) return token.text;
  const isFirst = !isSymbol(tokens[index - 1], '.');
  if (isFirst && CATALOGS.has(token.value)) return 'td';
  const inCatalog = CATALOGS.has(tokens[index - 2]?.value ?? '') && !isSymbol(tokens[index - 3], '.');
  const schema = schemaOf(token.value);
  return (isFirst || inCatalog) && schema !== token.value ? schema : token.text;
}

/**
 * @param {Token} name
 * @param {Token[]} inner the tokens between the brackets
 * @param {Context} context
 * @returns {string | null} null for calls that are not changed
 */
function rewriteCall(name, inner, context) {
  const args = inner.length === 0 ? [] : split(inner, ',');
  /** @param {number} index */
  const sql = (index) => rewrite(args[index] ?? [], context).trim();
  /** @param {number} index */
  const text = (index) =>
    args[index]?.length === 1 && args[index][0]?.type === 'string' ? args[index][0].value : null;
  switch (name.text.toUpperCase()) {
    case 'CAST':
    case 'TRY_CAST': {
      const as = inner.findLastIndex((token) => isWord(token, 'AS'));
      if (as < 0) return null;
      return `${name.text}(${rewrite(inner.slice(0, as), context)} AS ${duckType(inner.slice(as + 1))})`;
    }
    case 'TD_SCHEDULED_TIME':
      return String(context.scheduledTime);
    case 'TD_INTERVAL':
      return timeInterval(sql(0), text(1) ?? '', text(2) ?? 'UTC', context.scheduledTime);
    case 'TD_TIME_STRING':
      return timeString(sql(0), text(1) ?? '', text(2) ?? 'UTC');
    case 'TD_TIME_FORMAT':
      return timeFormat(sql(0), text(1) ?? '', text(2) ?? 'UTC');
    default:
      return null;
  }
}

/** @param {string} text such as `-1.50` */
function decimal(text) {
  const scale = (text.split('.')[1] ?? '').length;
  const precision = Math.max(text.replaceAll(/[^0-9]/g, '').replace(/^0+/, '').length, scale, 1);
  return `CAST('${text.replaceAll("'", '')}' AS DECIMAL(${precision},${scale}))`;
}
