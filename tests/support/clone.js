import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { cloneDatabase } from '../../pkg-scripts/node.js';
import { Td } from '../emulator/td.js';

/**
 * Clones between two accounts of the emulator, and reads both sides by plain fetch, without petit's own code.
 *
 * @typedef {import('./index.js').TestEnv} TestEnv
 * @typedef {import('../emulator/request-log.js').LogEntry} LogEntry
 * @typedef {import('../../pkg-scripts/types.js').CloneRequest} CloneRequest
 *
 * @typedef {object} Contents
 * @property {unknown} table its entry in the table listing, without id and times
 * @property {string} schema result schema of `SELECT *`
 * @property {string[]} rows the bytes of each row as a latin1 string, sorted
 */

/** Names of petit's staging tables and sessions. */
export const STAGING = /petit_staging_/;

/** One account: the source or the destination. */
export class Side extends Td {
  /**
   * @param {string} database
   * @returns {Promise<any[]>} its tables; none if the database does not exist
   */
  async tables(database) {
    const { status, body } = await this.get(`/v3/table/list/${database}?include_descriptions=true`);
    if (status === 404) return [];
    assert.equal(status, 200, JSON.stringify(body));
    return body.tables;
  }

  /** @param {string} database @returns {Promise<string[]>} names of its tables, sorted */
  async tableNames(database) {
    return (await this.tables(database)).map(({ name }) => name).sort();
  }

  /** @returns {Promise<string[]>} names of the account's databases */
  async databases() {
    return (await this.get('/v3/database/list')).body.databases.map((/** @type {any} */ { name }) => name);
  }

  /** @returns {Promise<string[]>} names of the bulk import sessions */
  async sessions() {
    return (await this.get('/v3/bulk_import/list')).body.bulk_imports.map(
      (/** @type {any} */ { name }) => name,
    );
  }

  /** @returns {Promise<any[]>} jobs that have not ended */
  async runningJobs() {
    const { jobs } = (await this.get('/v3/job/list?from=0&to=10000')).body;
    return jobs.filter((/** @type {any} */ { status }) => !['success', 'error', 'killed'].includes(status));
  }

  /** @param {string} database @returns {Promise<string[]>} names of its staging tables and of the account's sessions */
  async leftovers(database) {
    const names = await this.tableNames(database);
    return [...(await this.sessions()), ...names.filter((name) => STAGING.test(name))];
  }

  /** @param {string} database */
  async drop(database) {
    const { status } = await this.post(`/v3/database/delete/${database}`);
    assert.equal(status, 200);
  }

  /**
   * @param {string} database
   * @param {string} table
   * @returns {Promise<Contents>}
   */
  async contents(database, table) {
    const job = await this.query(database, `SELECT * FROM "${table}"`);
    assert.equal(job.status, 'success', job.debug.stderr);
    const { body } = await this.get(`/v3/job/result/${job.job_id}?format=msgpack.gz`);
    const listed = (await this.tables(database)).find(({ name }) => name === table);
    const { name, type, count, schema, expire_days, include_v, delete_protected, description } = listed;
    return {
      table: { name, type, count, schema, expire_days, include_v, delete_protected, description },
      schema: job.hive_result_schema,
      rows: sliceRows(gunzipSync(body)).sort(),
    };
  }
}

/** Clones from one account of the test environment’s emulator to another. */
export class Clones {
  /**
   * @param {TestEnv} env
   * @param {string} from
   * @param {string} to
   */
  constructor(env, from, to) {
    this.env = env;
    this.from = from;
    this.to = to;
  }

  get source() {
    return this.#side(this.from);
  }

  get destination() {
    return this.#side(this.to);
  }

  /** @param {string} account */
  #side(account) {
    const { emulator } = this.env;
    return new Side(emulator.url(account), emulator.key(account));
  }

  /**
   * Starts `petit clone-db`.
   * @param {string[]} args
   * @param {Record<string, string | undefined>} [env] in place of the master keys
   */
  start(args, env) {
    const { source, destination } = this;
    const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
    const ends = ['--se', source.url, '--de', destination.url];
    return this.env.start(['clone-db', ...ends, ...args], { ...keys, ...env });
  }

  /**
   * Runs `petit clone-db` to its end.
   * @param {string[]} args
   * @param {Record<string, string | undefined>} [env]
   */
  run(args, env) {
    return this.start(args, env).ended;
  }

  /**
   * Clones in this process, with any option of the library.
   * @param {Omit<CloneRequest, 'source' | 'destination'>} request
   */
  inProcess(request) {
    const [source, destination] = [this.source, this.destination].map(({ url, key }) => ({
      endpoint: url,
      apikey: key,
    }));
    return cloneDatabase(/** @type {CloneRequest} */ ({ workers: 0, ...request, source, destination }));
  }

  /**
   * Asserts that both databases have the same tables, with the same settings, schemas and row bytes.
   * @param {string} database
   * @param {string} copy
   * @param {{ except?: string[] }} [options] `except`: tables that the copy does not have
   */
  async assertEqual(database, copy, { except = [] } = {}) {
    const expected = (await this.source.tableNames(database)).filter((name) => !except.includes(name));
    assert.deepEqual(await this.destination.tableNames(copy), expected);
    for (const table of expected) await this.assertSameTable(database, copy, table);
  }

  /**
   * @param {string} database
   * @param {string} copy
   * @param {string} table
   */
  async assertSameTable(database, copy, table) {
    const [expected, actual] = [
      await this.source.contents(database, table),
      await this.destination.contents(copy, table),
    ];
    assert.deepEqual(actual.table, expected.table);
    assert.equal(actual.schema, expected.schema, table);
    assertSameRows(actual.rows, expected.rows, table);
  }

  /** Asserts that the destination has no staging tables and sessions.
   * @param {string} copy */
  async assertNoLeftovers(copy) {
    assert.deepEqual(await this.destination.leftovers(copy), []);
  }
}

/**
 * Like deepEqual, but the message shows only the first row that differs.
 * @param {string[]} actual
 * @param {string[]} expected
 * @param {string} table
 */
export function assertSameRows(actual, expected, table) {
  const hex = (/** @type {string | undefined} */ row) =>
    row && Buffer.from(row, 'latin1').toString('hex').slice(0, 400);
  const place = expected.findIndex((row, index) => row !== actual[index]);
  if (place >= 0) assert.equal(hex(actual[place]), hex(expected[place]), `row ${place} of ${table}`);
  assert.equal(actual.length, expected.length, `rows of ${table}`);
}

/**
 * Calls `hook` for each request before the emulator handles it, and waits for it. Ends with the test.
 * @param {{ after: (done: () => void) => void }} test
 * @param {TestEnv} env
 * @param {(entry: LogEntry, headers: import('node:http').IncomingHttpHeaders) => void | Promise<void>} hook
 */
export function onRequest(test, env, hook) {
  const { faults } = env.emulator;
  const original = faults.onRequest;
  faults.onRequest = async (at) => {
    await hook(at.entry, at.request.headers);
    await original.call(faults, at);
  };
  test.after(() => {
    faults.onRequest = original;
  });
}

/** @param {LogEntry} entry @returns {boolean} whether the request can change data */
export const isWrite = ({ method, readsCatalog }) => method !== 'GET' && !readsCatalog;

/** @param {LogEntry} entry @returns {string} `POST /v3/…` */
export const requestLine = ({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`;

/**
 * The maximum number of spans that overlap.
 * @param {{ startMs: number, endMs: number | null }[]} spans
 */
export function maxConcurrency(spans) {
  const ends = (/** @type {number | null} */ ms) => ms ?? Number.POSITIVE_INFINITY;
  const at = spans.map(
    ({ startMs }) => spans.filter((other) => other.startMs <= startMs && startMs < ends(other.endMs)).length,
  );
  return Math.max(0, ...at);
}

/**
 * Splits consecutive MessagePack arrays into latin1 strings of their bytes.
 * @param {Buffer} bytes
 * @returns {string[]}
 */
export function sliceRows(bytes) {
  const rows = [];
  for (let at = 0; at < bytes.length; ) {
    const end = endOfValue(bytes, at);
    rows.push(bytes.toString('latin1', at, end));
    at = end;
  }
  return rows;
}

/** Number of bytes after a tag from 0xc0, for values of a fixed size. @type {Record<number, number>} */
const FIXED = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
};
/** Size of the length field after a tag: binary, text, array, map. @type {Record<number, number>} */
const LENGTHS = { 196: 1, 197: 2, 198: 4, 217: 1, 218: 2, 219: 4, 220: 2, 221: 4, 222: 2, 223: 4 };

/**
 * @param {Buffer} bytes
 * @param {number} start of a value
 * @returns {number} offset of the end of the value
 */
function endOfValue(bytes, start) {
  let at = start;
  for (let left = 1; left > 0; left -= 1) {
    const tag = bytes.readUInt8(at);
    at += 1;
    if (tag < 0x80 || tag >= 0xe0) continue;
    if (tag < 0x90) left += (tag & 15) * 2;
    else if (tag < 0xa0) left += tag & 15;
    else if (tag < 0xc0) at += tag & 31;
    else if (tag in FIXED) at += FIXED[tag] ?? 0;
    else {
      const width = LENGTHS[tag];
      assert.ok(width, `tag ${tag} in a result`);
      const length = bytes.readUIntBE(at, width);
      at += width;
      if (tag >= 222) left += length * 2;
      else if (tag >= 220) left += length;
      else at += length;
    }
  }
  return at;
}
