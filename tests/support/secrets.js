import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Looks for API keys where none may be: whatever the runs of a test show, write, ask for and are called with.
 *
 * @typedef {import('../emulator/seed.js').Seed} Seed
 */
export class KeyWatch {
  /** @type {string[]} */
  #secrets;

  /** @param {Iterable<string>} keys */
  constructor(keys) {
    // The part behind the account's number is the secret, however the whole is encoded.
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
      /API_?KEY/i.test(name) && value ? [value] : [],
    );
    return new KeyWatch([...seeded, ...given]);
  }

  /** How many keys are looked for. */
  get size() {
    return this.#secrets.length;
  }

  /**
   * @param {string} text
   * @param {string} where it was found
   */
  assertNoneIn(text, where) {
    const hit = this.#secrets.find((secret) => text.includes(secret));
    if (hit) assert.fail(`an API key is in ${where}: …${text.slice(0, 2000).replaceAll(hit, '<KEY>')}`);
  }

  /**
   * Every file of the folder and of those in it, and their names.
   * @param {string} folder
   * @param {Set<string>} [apart] paths of files that the test itself has written keys to
   */
  async assertNoneInFiles(folder, apart = new Set()) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      this.assertNoneIn(path, 'the name of a file');
      if (entry.isFile() && !apart.has(path)) await this.#assertNoneInFile(path);
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
      // Another run of the test has removed or renamed it meanwhile.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    }
  }

  /**
   * URLs end up in the logs of proxies; names of staging tables and sessions are in them.
   * @param {import('../emulator/request-log.js').LogEntry[]} requests
   */
  assertNoneInUrls(requests) {
    for (const { method, path } of requests) this.assertNoneIn(path, `the URL of a ${method}`);
  }
}

/**
 * What everybody on the computer can see of a process; its environment, where keys belong, only its owner can.
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
