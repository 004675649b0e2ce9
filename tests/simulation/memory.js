import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeMulti, Encoder } from '@msgpack/msgpack';
import { ApiError } from '../emulator/errors.js';

/**
 * What an account of a simulation has in place of DuckDB, the codec and files: rows in memory, and the few statements that
 * petit's clones send.
 *
 * @typedef {Record<string, any>} Row
 * @typedef {import('../emulator/codec.js').DataFile & { records: Row[] }} MemoryFile
 * @typedef {import('../emulator/accounts.js').Account} Account
 * @typedef {import('../emulator/table.js').Table} Table
 */

/** The types of columns in results. @type {Record<string, string>} */
const RESULT_TYPES = { long: 'bigint', double: 'double', string: 'varchar' };

/** @param {Row[]} records @returns {MemoryFile[]} no file if there are no rows */
const filesOf = (records) =>
  records.length === 0
    ? []
    : [{ path: '', rows: records.length, bytes: 50 * records.length, columns: [], records }];

/**
 * @param {Table} table
 * @returns {Row[]}
 */
export const rowsOf = (table) => table.files.flatMap((file) => /** @type {MemoryFile} */ (file).records);

/**
 * Adds rows to a table that no client has created.
 * @param {Account} account
 * @param {Table} table
 * @param {Row[]} records
 */
export const fill = (account, table, records) => account.catalog.append(table, filesOf(records));

/** The parts of bulk import sessions. */
export class MemoryStorage {
  async open() {}
  async discard() {}
  async close() {}
  errorRecords() {
    return null;
  }

  /**
   * @param {unknown} _session
   * @param {import('../emulator/server.js').Request} request
   * @returns {Promise<Buffer>}
   */
  async save(_session, request) {
    const chunks = [];
    for await (const chunk of request.raw) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (body.length === Number(request.headers['content-length'])) return body;
    throw new ApiError(400, 'The body is shorter than its Content-Length');
  }

  /** @param {import('../emulator/bulk-import.js').Session} session */
  async convert(session) {
    const parts = [...session.parts.values()];
    const records = parts.flatMap((part) => /** @type {Row[]} */ ([...decodeMulti(gunzipSync(part))]));
    const counts = {
      valid_records: records.length,
      error_records: 0,
      valid_parts: parts.length,
      error_parts: 0,
    };
    return { ...counts, part_errors: [], files: filesOf(records) };
  }
}

const NAME = '"([^"]+)"\\."([^"]+)"';
const WHERE = '(?: WHERE (.+))?';
const COUNT = new RegExp(`^SELECT COUNT\\(1\\) FROM ${NAME}${WHERE}$`);
const DAYS = new RegExp(`^SELECT COUNT\\(1\\), MIN\\(time\\), MAX\\(time\\) FROM ${NAME} GROUP BY `);
const CHECKSUM = new RegExp(`^SELECT (COUNT\\(1\\), )?(TO_HEX.+) FROM ${NAME}$`);
const SELECT = new RegExp(`^SELECT (".+?") FROM ${NAME}${WHERE}$`);
const INSERT = new RegExp(`^INSERT INTO ${NAME} \\(([^)]+)\\) (SELECT .+)$`);
const RANGE = /^TD_TIME_RANGE\(time, (NULL|-?\d+), (NULL|-?\d+)\)$/;

/** @type {import('../emulator/accounts.js').RunQuery} */
export async function runQuery(account, _key, { query, lagMs }, output, signal) {
  const sql = query.replace(/^--.*\n/, '');
  const insert = INSERT.exec(sql);
  if (insert) {
    const [, database = '', name = '', , select = ''] = insert;
    const table = find(account, database, name);
    const { records } = evaluate(account, select);
    await append(account, table, records, lagMs);
    return { result: null, numRecords: null, schema: null, inserted: records.length };
  }
  const { columns, records } = evaluate(account, sql);
  signal.throwIfAborted();
  const schema = JSON.stringify(columns);
  if (output) {
    const { catalog } = output.account;
    const isThere = catalog.database(output.database).tables.has(output.table);
    if (!isThere) await catalog.createTable(output.database, output.table, []);
    await append(output.account, find(output.account, output.database, output.table), records, lagMs);
    return { result: null, numRecords: records.length, schema, inserted: null };
  }
  const result = spool(records.map((record) => columns.map(([name = '']) => record[name])));
  return { result, numRecords: records.length, schema, inserted: null };
}

/**
 * @param {Account} account
 * @param {Table} table
 * @param {Row[]} records
 * @param {number} lagMs
 */
async function append(account, table, records, lagMs) {
  const { catalog } = account;
  const add = async () => {
    if (catalog.contains(table) && records.length > 0) await catalog.append(table, filesOf(records));
  };
  if (lagMs === 0) return add();
  catalog.clock.startTimer(lagMs, add);
}

const encoder = new Encoder();

/** @param {unknown[][]} rows @returns {import('../emulator/results.js').Spool} */
function spool(rows) {
  const body = gzipSync(Buffer.concat(rows.map((row) => encoder.encode(row))));
  return { path: '', size: body.length, rows: rows.length, etag: `"${digest([body])}"`, body };
}

/**
 * @param {Account} account
 * @param {string} database
 * @param {string} name
 */
function find(account, database, name) {
  const table = account.catalog.databases.get(database)?.tables.get(name);
  if (!table) throw new Error(`line 1:15: Table 'td-presto.${database}.${name}' does not exist`);
  return table;
}

/**
 * @param {Account} account
 * @param {string} sql
 * @returns {{ columns: string[][], records: Row[] }}
 */
function evaluate(account, sql) {
  if (sql === 'SELECT 1') return { columns: [['_col0', 'integer']], records: [{ _col0: 1 }] };
  const count = COUNT.exec(sql);
  if (count) {
    const rows = select(find(account, count[1] ?? '', count[2] ?? ''), count[3]);
    return { columns: [['_col0', 'bigint']], records: [{ _col0: rows.length }] };
  }
  const days = DAYS.exec(sql);
  if (days) return countDays(rowsOf(find(account, days[1] ?? '', days[2] ?? '')));
  const checksum = CHECKSUM.exec(sql);
  if (checksum) {
    const [, counts, items = '', database = '', name = ''] = checksum;
    return checksums(rowsOf(find(account, database, name)), Boolean(counts), items);
  }
  const plain = SELECT.exec(sql);
  if (!plain) throw new Error(`line 1:1: the simulation does not know this statement: ${sql}`);
  const [, names = '', database = '', name = '', condition] = plain;
  const table = find(account, database, name);
  const columns = [...names.matchAll(/"([^"]+)"/g)].map(([, column = '']) => {
    const type = table.columns.find(({ key }) => key === column)?.type ?? 'long';
    return [column, RESULT_TYPES[type] ?? type];
  });
  return { columns, records: select(table, condition) };
}

/**
 * @param {Table} table
 * @param {string | undefined} condition
 */
function select(table, condition) {
  const rows = rowsOf(table);
  if (condition === undefined || condition === 'time IS NOT NULL') return rows;
  const [, from = 'NULL', to = 'NULL'] = RANGE.exec(condition) ?? [];
  const [min, max] = [from === 'NULL' ? -Infinity : Number(from), to === 'NULL' ? Infinity : Number(to)];
  return rows.filter(({ time }) => time >= min && time < max);
}

/** @param {Row[]} rows */
function countDays(rows) {
  const records = [...groupBy(rows, dayOf).values()].map((group) => {
    const times = group.map(({ time }) => time);
    return { a: group.length, b: Math.min(...times), c: Math.max(...times) };
  });
  const columns = ['a', 'b', 'c'].map((name) => [name, 'bigint']);
  return { columns, records };
}

/** @param {Row} row */
const dayOf = ({ time }) => Math.floor(time / 86_400);

/** @param {Row[]} rows @param {(row: Row) => number} keyOf */
function groupBy(rows, keyOf) {
  /** @type {Map<number, Row[]>} */
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

/**
 * @param {Row[]} rows
 * @param {boolean} counts
 * @param {string} items
 */
function checksums(rows, counts, items) {
  const sums = items.split(/, (?=TO_HEX)/).map((item) => {
    const names = [...item.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    const texts = rows.map((row) => JSON.stringify(names.map((name) => row[name])));
    return digest(texts.sort());
  });
  const values = [...(counts ? [rows.length] : []), ...sums];
  const columns = values.map((value, place) => [
    `c${place}`,
    typeof value === 'number' ? 'bigint' : 'varchar',
  ]);
  return { columns, records: [Object.fromEntries(values.map((value, place) => [`c${place}`, value]))] };
}

/** @param {(string | Buffer)[]} parts */
function digest(parts) {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
