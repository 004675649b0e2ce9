import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCodec } from './codec.js';

/**
 * A job result on disk: gzip of MessagePack rows.
 * @typedef {object} Spool
 * @property {string} path
 * @property {number} size its length: what result_size tells
 * @property {number} rows
 * @property {string} etag
 *
 * @typedef {object} SpoolSettings
 * @property {number} level gzip level
 * @property {number} threads
 * @property {boolean} cache whether a query is spared when it ran before and its tables are the same
 */

/** The spooled results of one account. */
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
   * Spools the rows of a query.
   * @param {object} query
   * @param {(file: string) => Promise<unknown>} query.write writes the rows to a Parquet file
   * @param {string | null} query.cacheKey the same for queries that give the same rows; null for others
   * @param {string[] | null} [query.keys] makes rows maps under these keys
   * @param {number} [query.copies] how often the result has the rows
   * @param {AbortSignal} signal
   * @returns {Promise<Spool>}
   */
  async spool({ write, cacheKey, keys = null, copies = 1 }, signal) {
    if (cacheKey === null || !this.settings.cache) return this.#make(write, keys, copies, signal);
    try {
      const cached = await this.#cache.get(cacheKey);
      if (cached) return cached;
    } catch {
      // Another job made it and was killed or failed: that is not this job's end.
    }
    signal.throwIfAborted();
    const made = this.#make(write, keys, copies, signal);
    this.#cache.set(cacheKey, made);
    made.catch(() => this.#cache.delete(cacheKey));
    return made;
  }

  /**
   * @param {(file: string) => Promise<unknown>} write
   * @param {string[] | null} keys
   * @param {number} copies
   * @param {AbortSignal} signal
   * @returns {Promise<Spool>}
   */
  async #make(write, keys, copies, signal) {
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
 * Makes a file as many copies of itself: a gzip file may have any number of members.
 * @param {string} path
 * @param {number} copies
 * @param {AbortSignal} signal
 */
async function repeat(path, copies, signal) {
  if (copies === 1) return;
  const one = `${path}.one`;
  await rename(path, one);
  for (let copy = 0; copy < copies; copy += 1) {
    await pipeline(
      createReadStream(one, { highWaterMark: 2 ** 20 }),
      createWriteStream(path, { flags: 'a' }),
      { signal },
    );
  }
  await rm(one);
}
