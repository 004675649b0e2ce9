import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { userFile } from '../../config/user-file.js';

/** @import { Account } from '../../../types.js' */

/** How long names stay in the cache, in milliseconds. */
const MAX_AGE_MS = 5 * 60_000;
/** Maximum length of a file that is read, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;
const PREFIX = 'names-';

/** The list of names of an account: of its databases under the empty name, of the tables under their database.
 * @typedef {Record<string, { at: number, names: string[] }>} Lists */

/** The names of an account's databases and tables, for some minutes, in a file that only this user can read. */
export class NameCache {
  #path;
  #now;

  /** @param {string | undefined} path @param {() => number} [now] the time in Unix milliseconds */
  constructor(path, now = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  /**
   * The cache of an account. The name of its file shows neither endpoint nor key.
   * @param {Account} account
   * @param {Pick<NodeJS.Process, 'env' | 'platform'>} process
   */
  static of({ endpoint, apikey }, process) {
    const id = createHash('sha256').update(`${endpoint}\0${apikey}`).digest('hex').slice(0, 32);
    return new NameCache(userFile('cache', `${PREFIX}${id}.json`, process));
  }

  /**
   * @param {string | undefined} database undefined: the databases themselves
   * @returns {string[] | undefined} undefined if they are not known, or no longer
   */
  read(database) {
    return this.#lists()[database ?? '']?.names;
  }

  /**
   * Stores a list. A cache that cannot be written is no error: the next completion asks again.
   * @param {string | undefined} database
   * @param {string[]} names
   */
  write(database, names) {
    const path = this.#path;
    if (path === undefined) return;
    const text = JSON.stringify({ ...this.#lists(), [database ?? '']: { at: this.#now(), names } });
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      removeOld(dirname(path), this.#now());
      replace(path, text);
    } catch {
      // See above.
    }
  }

  /** The lists that are not too old. @returns {Lists} */
  #lists() {
    try {
      const lists = Object.entries(/** @type {Lists} */ (JSON.parse(readPrivate(this.#path ?? ''))));
      const since = this.#now() - MAX_AGE_MS;
      return Object.fromEntries(
        lists.filter(([, { at, names }]) => at > since && at <= this.#now() && Array.isArray(names)),
      );
    } catch {
      return {};
    }
  }
}

/**
 * Reads a file of this user, which is no link. Windows has no owners here.
 * @param {string} path
 */
function readPrivate(path) {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    const isOwn = process.platform === 'win32' || stats.uid === process.getuid?.();
    return stats.isFile() && isOwn && stats.size <= MAX_BYTES ? readFileSync(fd, 'utf8') : '{}';
  } finally {
    closeSync(fd);
  }
}

/**
 * Replaces a file by a new one, so that no link is followed and no reader sees a part of it.
 * @param {string} path
 * @param {string} text
 */
function replace(path, text) {
  const partial = `${path}.${randomUUID()}`;
  try {
    writeFileSync(partial, text, { mode: 0o600, flag: 'wx' });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Removes the caches of accounts that nobody completes any more. @param {string} folder @param {number} now */
function removeOld(folder, now) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(PREFIX) && statSync(path).mtimeMs < now - MAX_AGE_MS) rmSync(path, { force: true });
  }
}
