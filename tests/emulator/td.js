import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeMulti } from '@msgpack/msgpack';
import { encode } from './msgpack.js';

/**
 * A minimal client for tests: plain fetch, without retries.
 *
 * @typedef {{ status: number, headers: Headers, body: any }} Reply
 */
export class Td {
  /**
   * @param {string} url
   * @param {string} key
   */
  constructor(url, key) {
    this.url = url;
    this.key = key;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ body?: BodyInit, headers?: Record<string, string> }} [options]
   * @returns {Promise<Reply>} the body is parsed JSON or bytes
   */
  async request(method, path, { body, headers } = {}) {
    const authorization = `TD1 ${this.key}`;
    const response = await fetch(this.url + path, { method, body, headers: { authorization, ...headers } });
    const bytes = Buffer.from(await response.arrayBuffer());
    const json = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(bytes.toString()) : bytes,
    };
  }

  /** @param {string} path */
  get(path) {
    return this.request('GET', path);
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} [form]
   */
  post(path, form) {
    return this.request('POST', path, { body: new URLSearchParams(form) });
  }

  /**
   * Runs a query and waits for its end.
   * @param {string} database
   * @param {string} sql
   * @param {Record<string, string>} [form]
   * @returns {Promise<any>} the response of job/show
   */
  async query(database, sql, { type = 'presto', ...form } = {}) {
    const { body } = await this.post(`/v3/job/issue/${type}/${database}`, { query: sql, ...form });
    return this.finish(body.job_id);
  }

  /** Waits for the end of a job. @param {string} id */
  async finish(id) {
    for (;;) {
      const { body } = await this.get(`/v3/job/show/${id}`);
      if (['success', 'error', 'killed'].includes(body.status)) return body;
      await sleep(5);
    }
  }

  /**
   * @param {string} database
   * @param {string} sql
   * @returns {Promise<any[]>} the rows; integers beyond 2^53 are bigint
   */
  async rows(database, sql) {
    const job = await this.query(database, sql);
    if (job.status !== 'success') throw new Error(job.debug.stderr);
    const { body } = await this.get(`/v3/job/result/${job.job_id}?format=msgpack.gz`);
    return rowsOf(gunzipSync(body));
  }

  /**
   * @param {string} session
   * @param {string} part
   * @param {Record<string, unknown>[]} records
   */
  upload(session, part, records) {
    return this.request('PUT', `/v3/bulk_import/upload_part/${session}/${part}`, {
      body: partOf(records),
      headers: { 'content-type': 'application/octet-stream' },
    });
  }

  /** Waits for a status of a bulk import session. @param {string} session @param {string} status @returns {Promise<any>} the session in this status */
  async until(session, status) {
    for (;;) {
      const { body } = await this.get(`/v3/bulk_import/show/${session}`);
      if (body.status === status) return body;
      await sleep(5);
    }
  }
}

/** @param {Record<string, unknown>[]} records */
export const partOf = (records) => gzipSync(Buffer.concat(records.map(encode)));

/** @param {Buffer} bytes @returns {any[]} */
export const rowsOf = (bytes) => [...decodeMulti(bytes, { useBigInt64: true })].map(narrow);

/** @param {unknown} value @returns {any} */
function narrow(value) {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrow);
  return value;
}
