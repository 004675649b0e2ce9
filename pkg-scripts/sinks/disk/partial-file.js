import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { detachBuffer } from '../../driver/utils/free-buffer.js';
import { sleep } from '../../driver/utils/sleep.js';
import { entryAt } from './entry.js';
import { makeFolder, syncFolder } from './folders.js';
import { HEARTBEAT_MS, liveNames, newName } from './names.js';

/** @import { FileHandle } from 'node:fs/promises' */

/** Bytes after which a sync starts. Otherwise the disk would do all its work at the end, while everything waits. */
const SYNC_BYTES = 32 * 2 ** 20;
/** Bits of a mode that are permissions. */
const PERMISSIONS = 0o777;
/** Codes of a link that the file system does not support. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV', 'EINVAL']);
/** Windows reports these while a virus scanner or an indexer has a new file open. */
const BUSY_CODES = new Set(['EPERM', 'EBUSY', 'EACCES']);
const MAX_RENAME_ATTEMPTS = 10;
const RENAME_DELAY_MS = 100;

/** A file that has a name of petit's own until it is complete. */
export class PartialFile {
  #path;
  #file;
  /** @type {import('node:crypto').Hash | undefined} */
  #hash;
  #unsynced = 0;
  /** @type {Promise<void>} */
  #syncing = Promise.resolve();
  #heartbeat;
  #identity;

  /**
   * @param {string} path
   * @param {FileHandle} file
   * @param {{ dev: bigint, ino: bigint }} identity
   * @param {boolean} isHashed
   */
  constructor(path, file, identity, isHashed) {
    this.#identity = identity;
    if (isHashed) this.#hash = createHash('sha256');
    this.#path = path;
    this.#file = file;
    liveNames.add(basename(path));
    // The time of the file only shows that this run is alive. The next heartbeat repeats this.
    const touch = () => void file.utimes(new Date(), new Date()).catch(() => {});
    this.#heartbeat = setInterval(touch, HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /**
   * Opens a new file. The name is new, no link is followed, and nothing is truncated.
   * @param {string} folder
   * @param {string} target name of the file that it becomes
   * @param {{ mode?: number | undefined, isHashed?: boolean }} [options] `mode`: permissions of the file that it replaces
   */
  static async create(folder, target, { mode, isHashed = false } = {}) {
    await makeFolder(folder);
    const path = join(folder, newName('partial', target));
    const file = await open(path, 'wx');
    // Some file systems have no permissions, and keep the file readable without them.
    if (mode !== undefined) await file.chmod(mode & PERMISSIONS).catch(() => {});
    return new PartialFile(path, file, await file.stat({ bigint: true }), isHashed);
  }

  /**
   * Appends bytes and detaches their buffer.
   * @param {Uint8Array} chunk
   */
  async write(chunk) {
    const { length } = chunk;
    await this.#file.writeFile(chunk);
    this.#hash?.update(chunk);
    detachBuffer(chunk);
    this.#unsynced += length;
    if (this.#unsynced < SYNC_BYTES) return;
    // Waits for a slow disk. A disk reports a failed write once: it is thrown here, or by the last sync.
    await this.#syncing;
    this.#unsynced = 0;
    this.#syncing = this.#file.datasync();
    this.#syncing.catch(() => {});
  }

  /** Waits until all bytes are on the disk, and closes the file.
   * @returns {Promise<string | undefined>} the SHA-256 of its bytes, if it is hashed */
  async finish() {
    await this.#syncing;
    await this.#file.sync();
    clearInterval(this.#heartbeat);
    await this.#file.close();
    return this.#hash?.digest('hex');
  }

  /**
   * Gives the complete file its final name.
   * @param {string} path
   * @param {{ overwrite: boolean }} options
   */
  async publish(path, { overwrite }) {
    if (!(await this.#isOwn()))
      throw new PetitError('cannot_write', `another process removed or replaced ${this.#path}`);
    await throwIfNotFile(path);
    await (overwrite ? moveFile(this.#path, path) : moveToNewName(this.#path, path));
    liveNames.delete(basename(this.#path));
    await syncFolder(dirname(path));
  }

  async discard() {
    clearInterval(this.#heartbeat);
    // The run fails already, with an earlier error.
    await this.#file.close().catch(() => {});
    if (await this.#isOwn()) await rm(this.#path, { force: true });
    liveNames.delete(basename(this.#path));
  }

  /** Another process can have removed the file, or put something else in its place. */
  async #isOwn() {
    const found = await entryAt(this.#path);
    return found?.ino === this.#identity.ino && found.dev === this.#identity.dev;
  }
}

/**
 * A folder or a device can have appeared since the plan.
 * @param {string} path
 */
async function throwIfNotFile(path) {
  const found = await entryAt(path);
  if (found && !found.isFile()) throw new PetitError('path_conflict', `${path} is no longer a file`);
}

/**
 * Moves a file to a name that no file has. A link never replaces a file, not even one that appears at this moment.
 * @param {string} from
 * @param {string} to
 */
async function moveToNewName(from, to) {
  try {
    await link(from, to);
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EEXIST') throw fileExists(to);
    if (!NO_LINKS.has(code)) throw error;
    if (await entryAt(to)) throw fileExists(to);
    return moveFile(from, to);
  }
  await rm(from);
}

/**
 * Renames a file. Onto another disk, which a folder inside a folder can be, it copies the file to a partial file there.
 * @param {string} from
 * @param {string} to
 */
async function moveFile(from, to) {
  try {
    await renameWithRetry(from, to);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EXDEV') throw error;
    const copy = join(dirname(to), newName('partial', basename(to)));
    liveNames.add(basename(copy));
    try {
      await copyFile(from, copy, constants.COPYFILE_EXCL);
      await renameWithRetry(copy, to);
    } catch (copyError) {
      await rm(copy, { force: true });
      throw copyError;
    } finally {
      liveNames.delete(basename(copy));
    }
    await rm(from);
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
export async function renameWithRetry(from, to, { platform = process.platform, move = rename } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await move(from, to);
    } catch (error) {
      const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
      const isBusy = platform === 'win32' && BUSY_CODES.has(code);
      if (!isBusy || attempt === MAX_RENAME_ATTEMPTS) throw error;
      await sleep(RENAME_DELAY_MS * attempt);
    }
  }
}

/** @param {string} path */
export const fileExists = (path) => new PetitError('file_exists', `${path} already exists`);
