import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { startCodec } from './codec.js';
import { columnOf } from './trino-types.js';

/**
 * A query by Trino's client protocol, over a job: https://trino.io/docs/current/develop/client-protocol.html.
 *
 * @typedef {import('./jobs.js').Job} Job
 */

/** Rows of a page, which fit into one answer. */
const PAGE_ROWS = 1000;
/** How long a request waits for the job, in milliseconds. */
const MAX_WAIT_MS = 1000;

const STATES = { queued: 'QUEUED', booting: 'QUEUED', running: 'RUNNING', success: 'FINISHED' };

/** Trino's names and codes of errors, by the text of the message. @type {[RegExp, string, number][]} */
const ERRORS = [
  [/mismatched input|Parser Error/, 'SYNTAX_ERROR', 1],
  [/Access Denied|not authorized/, 'PERMISSION_DENIED', 4],
  [/Schema .* does not exist|UserDatabase/, 'SCHEMA_NOT_FOUND', 45],
  [/Table .* does not exist/, 'TABLE_NOT_FOUND', 46],
  [/Column .* cannot be resolved/, 'COLUMN_NOT_FOUND', 47],
];
const KILLED = /** @type {const} */ ([/./, 'USER_CANCELED', 3]);
const OTHER = /** @type {const} */ ([/./, 'GENERIC_USER_ERROR', 0]);

export class TrinoQuery {
  id = randomUUID();
  /** A secret of the query, because requests for its pages need no key. */
  #slug = randomUUID();
  /** @type {AsyncIterator<string> | undefined} */
  #lines;
  /** The last page, which a client may ask for again. */
  #last = { token: -1, body: '' };
  /** @type {string | undefined} a row that was read ahead, to know whether there is another page */
  #next;

  /** @param {Job} job */
  constructor(job) {
    this.job = job;
  }

  /** @param {string} slug */
  isSecret(slug) {
    return slug === this.#slug;
  }

  /**
   * The answer to the first request, which has no rows.
   * @param {string} base the server's URL
   */
  start(base) {
    return JSON.stringify(this.#page(base, 0));
  }

  /**
   * @param {string} base
   * @param {number} token number of the page
   * @returns {Promise<string | undefined>} undefined if the page is gone
   */
  async page(base, token) {
    if (token === this.#last.token) return this.#last.body;
    if (token !== this.#last.token + 1) return undefined;
    const waited = new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS).unref());
    await Promise.race([this.job.ended, waited]);
    const body = this.job.isFinal
      ? await this.#answer(base, token)
      : JSON.stringify(this.#page(base, token + 1));
    this.#last = { token, body };
    return body;
  }

  cancel() {
    this.job.controller.abort(new Error('Query was canceled'));
  }

  /**
   * @param {string} base
   * @param {number} token
   */
  async #answer(base, token) {
    const { status, outcome } = this.job;
    if (status !== 'success') return JSON.stringify({ ...this.#page(base), error: this.#error() });
    if (outcome?.inserted !== null && outcome?.inserted !== undefined) {
      const count = outcome.inserted;
      const columns = [columnOf('rows', 'bigint')];
      return JSON.stringify({
        ...this.#page(base),
        columns,
        data: [[count]],
        updateCount: count,
        updateType: 'INSERT',
      });
    }
    if (!outcome?.result) return JSON.stringify({ ...this.#page(base), updateType: 'DDL' });
    return this.#rows(base, token, outcome.result.path, outcome.schema ?? '[]');
  }

  /**
   * The rows are inserted as text, because their integers may be beyond JavaScript's.
   * @param {string} base
   * @param {number} token
   * @param {string} input
   * @param {string} schema
   */
  async #rows(base, token, input, schema) {
    if (!this.#lines) {
      const codec = startCodec('text', { input, format: 'json', header: null, nullify_special: false });
      this.#lines = createInterface({ input: codec.stdout })[Symbol.asyncIterator]();
      this.#next = await this.#line();
    }
    const rows = [];
    for (; this.#next !== undefined && rows.length < PAGE_ROWS; this.#next = await this.#line())
      rows.push(this.#next);
    const columns = JSON.parse(schema).map((/** @type {[string, string]} */ [name, type]) =>
      columnOf(name, type),
    );
    const page = this.#page(base, this.#next === undefined ? undefined : token + 1);
    const head = JSON.stringify({ ...page, columns });
    return rows.length === 0 ? head : `${head.slice(0, -1)},"data":[${rows.join(',')}]}`;
  }

  /** The next row as JSON. Trino writes NaN and infinities as strings. */
  async #line() {
    const { value, done } = (await this.#lines?.next()) ?? { done: true };
    if (done) return undefined;
    return String(value).replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
      token.startsWith('"') ? token : `"${token}"`,
    );
  }

  /**
   * @param {string} base
   * @param {number} [next] number of the next page; none at the end
   */
  #page(base, next) {
    const state = /** @type {Record<string, string>} */ (STATES)[this.job.status] ?? 'FAILED';
    const stats = {
      ...{ state, queued: state === 'QUEUED', scheduled: state !== 'QUEUED', nodes: 1 },
      ...{ totalSplits: 1, queuedSplits: 0, runningSplits: 0, completedSplits: this.job.isFinal ? 1 : 0 },
      ...{ cpuTimeMillis: 0, wallTimeMillis: 0, queuedTimeMillis: 0, elapsedTimeMillis: 0 },
      ...{ processedRows: 0, processedBytes: 0, peakMemoryBytes: 0 },
    };
    const nextUri =
      next === undefined
        ? {}
        : { nextUri: `${base}/v1/statement/executing/${this.id}/${this.#slug}/${next}` };
    return { id: this.id, infoUri: `${base}/ui/query.html?${this.id}`, ...nextUri, stats, warnings: [] };
  }

  #error() {
    const message = this.job.stderr.replace(/^Query job\d+ failed: /, '');
    return trinoError(message, this.job.status === 'killed');
  }
}

/**
 * @param {string} message
 * @param {boolean} [isKilled]
 */
export function trinoError(message, isKilled = false) {
  const known = ERRORS.find(([pattern]) => pattern.test(message)) ?? OTHER;
  const [, errorName, errorCode] = isKilled ? KILLED : known;
  const failureInfo = { type: 'io.trino.spi.TrinoException', message, suppressed: [], stack: [] };
  return { message, errorCode, errorName, errorType: 'USER_ERROR', failureInfo };
}
