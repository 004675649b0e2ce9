import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCodec } from './codec.js';

/**
 * A job result on disk: rows in MessagePack, compressed with gzip.
 * @typedef {object} Spool
 * @property {string} path
 * @property {number} size in bytes, the job's result_size
 * @property {number} rows
 * @property {string} etag
 * @property {Buffer} [body] its bytes, if they are in memory
 *
 * @typedef {object} SpoolSettings
 * @property {number} level gzip level
 * @property {number} threads
 * @property {boolean} cache whether a repeated query over unchanged tables reuses its result
 */

/** The results of an account. */
export class Results {
  /** @type {Map<string, Promise<Spool>>} */
  #cache = new Map();
  #count = 0;

  /**
   * @param {string} folder
   * @param {SpoolSettings} settings
   */
  constructor(folder, settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * Stores the rows of a query, or returns the cached result.
   * @param {object} query
   * @param {(file: string) => Promise<unknown>} query.write writes the rows to a Parquet file
   * @param {string | null} query.cacheKey equal keys have equal rows; null disables the cache
   * @param {string[] | null} [query.keys] stores rows as maps with these keys, instead of arrays
   * @param {number} [query.copies] how often the result repeats the rows; default 1
   * @param {AbortSignal} signal
   * @returns {Promise<Spool>}
   */
  async spool({ write, cacheKey, keys = null, copies = 1 }, signal) {
    if (cacheKey === null || !this.settings.cache) return this.#create(write, keys, copies, signal);
    try {
      const cached = await this.#cache.get(cacheKey);
      if (cached) return cached;
    } catch {
      // The job that created it was killed or failed. This job creates it again.
    }
    signal.throwIfAborted();
    const created = this.#create(write, keys, copies, signal);
    this.#cache.set(cacheKey, created);
    created.catch(() => this.#cache.delete(cacheKey));
    return created;
  }

  /**
   * @param {(file: string) => Promise<unknown>} write
   * @param {string[] | null} keys
   * @param {number} copies
   * @param {AbortSignal} signal
   * @returns {Promise<Spool>}
   */
  async #create(write, keys, copies, signal) {
    const name = join(this.folder, `result${this.#count++}`);
    const rows = `${name}.parquet`;
    const path = `${name}.msgpack.gz`;
    const { level, threads } = this.settings;
    try {
      await write(rows);
      const report = await runCodec('result', { inputs: [rows], output: path, keys, level, threads }, signal);
      await repeat(path, copies, signal);
      const etag = createHash('sha1').update(`${path} ${report.bytes} ${Date.now()}`).digest('hex');
      return { path, size: report.bytes * copies, rows: report.rows * copies, etag: `"${etag}"` };
    } finally {
      await rm(rows, { force: true });
    }
  }
}

/**
 * Repeats the content of a gzip file, which may have any number of members (RFC 1952, section 2.2).
 * @param {string} path
 * @param {number} copies
 * @param {AbortSignal} signal
 */
async function repeat(path, copies, signal) {
  if (copies === 1) return;
  const original = `${path}.original`;
  await rename(path, original);
  for (let copy = 0; copy < copies; copy += 1) {
    await pipeline(
      createReadStream(original, { highWaterMark: 2 ** 20 }),
      createWriteStream(path, { flags: 'a' }),
      { signal },
    );
  }
  await rm(original);
}
