import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Finds API keys in the output, files, requests and arguments of test runs.
 *
 * @typedef {import('../emulator/seed.js').Seed} Seed
 */
export class KeyWatch {
  /** @type {string[]} */
  #secrets;

  /** @param {Iterable<string>} keys */
  constructor(keys) {
    // The secret is the part after the account number. It is the same in every encoding.
    const secrets = [...keys].map((key) => key.slice(key.lastIndexOf('/') + 1));
    this.#secrets = [...new Set(secrets)].filter((secret) => secret.length >= 20);
  }

  /**
   * @param {Seed} seed
   * @param {Record<string, string | undefined>} env of the run
   */
  static of({ accounts }, env) {
    const seeded = accounts.flatMap(({ keys }) => keys.map(({ key }) => key));
    const given = Object.entries(env).flatMap(([name, value]) =>
      /(API|MASK)_?KEY/i.test(name) && value ? [value] : [],
    );
    return new KeyWatch([...seeded, ...given]);
  }

  /** The number of keys. */
  get size() {
    return this.#secrets.length;
  }

  /**
   * @param {string} text
   * @param {string} where a description of the text
   */
  assertNoneIn(text, where) {
    const hit = this.#secrets.find((secret) => text.includes(secret));
    if (hit) assert.fail(`an API key is in ${where}: …${text.slice(0, 2000).replaceAll(hit, '<KEY>')}`);
  }

  /**
   * Checks the contents and names of all files in the folder and its subfolders.
   * @param {string} folder
   * @param {Set<string>} [excluded] paths of files in which the test itself wrote keys
   */
  async assertNoneInFiles(folder, excluded = new Set()) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      this.assertNoneIn(path, 'the name of a file');
      if (entry.isFile() && !excluded.has(path)) await this.#assertNoneInFile(path);
    }
  }

  /** @param {string} path */
  async #assertNoneInFile(path) {
    const overlap = Math.max(0, ...this.#secrets.map(({ length }) => length));
    let end = '';
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, encoding: 'latin1' })) {
        this.assertNoneIn(end + chunk, path);
        end = chunk.slice(-overlap);
      }
    } catch (error) {
      // Another run of the test deleted or renamed the file.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    }
  }

  /**
   * Checks the URLs of requests: proxies log them.
   * @param {import('../emulator/request-log.js').LogEntry[]} requests
   */
  assertNoneInUrls(requests) {
    for (const { method, path } of requests) this.assertNoneIn(path, `the URL of a ${method}`);
  }
}

/**
 * What every user of the machine can see of a process. Only its owner can see its environment, which has the keys.
 * @param {number | undefined} pid
 */
export const processList = (pid) =>
  ['cmdline', 'comm', 'stat'].map((file) => readIfThere(`/proc/${pid}/${file}`)).join('\n');

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process has ended, or the system has no /proc.
    return '';
  }
}
