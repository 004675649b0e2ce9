import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PetitError } from '../driver/errors.js';
import { detachBuffer } from '../driver/utils/free-buffer.js';

/** @import { Folder, Sink } from '../types.js' */

/** Bytes after which a sync starts. Otherwise the disk would do all its work at the end, while everything waits. */
const SYNC_BYTES = 32 * 2 ** 20;

/**
 * Opens a file that is written as `{path}.partial` and renamed when its stream is closed.
 * @param {string} path
 * @param {{ overwrite: boolean }} options
 * @returns {Promise<Sink>}
 */
export async function openDiskFile(path, { overwrite }) {
  if (!overwrite && existsSync(path)) throw fileExists(path);
  const partial = `${path}.partial`;
  await makeFolder(dirname(path));
  const file = await open(partial, 'w');
  const synced = new SyncedFile(file);
  const discard = async () => {
    await file.close();
    await rm(partial, { force: true });
  };
  // A stream whose write or close failed never calls abort.
  const orDiscard = (/** @type {Promise<void>} */ step) =>
    step.catch(async (error) => {
      await discard();
      throw error;
    });
  const publish = async () => {
    await synced.sync();
    if (!overwrite && existsSync(path)) throw fileExists(path);
    await file.close();
    await rename(partial, path);
  };
  const writable = new WritableStream(
    {
      write: (chunk) => orDiscard(synced.write(chunk)),
      close: () => orDiscard(publish()),
      abort: discard,
    },
    { highWaterMark: 1 },
  );
  return { writable, path };
}

/**
 * Opens a folder that is filled as `{path}.partial` and renamed when it is published.
 * @param {string} path
 * @param {{ overwrite: boolean }} options
 * @returns {Promise<Folder>}
 */
export async function openDiskFolder(path, { overwrite }) {
  const [partial, replaced] = [`${path}.partial`, `${path}.replaced`];
  // A run that was killed while it published has left the old folder under this name.
  if (existsSync(replaced) && !existsSync(path)) await rename(replaced, path);
  const throwIfExists = () => {
    if (!overwrite && existsSync(path)) throw fileExists(path);
  };
  const remove = (/** @type {string} */ folder) => rm(folder, { recursive: true, force: true });
  throwIfExists();
  await remove(partial);
  await makeFolder(partial);
  return {
    openSink: (name) => openDiskFile(join(partial, name), { overwrite: true }),
    async publish() {
      throwIfExists();
      await remove(replaced);
      if (existsSync(path)) await rename(path, replaced);
      await rename(partial, path);
      await remove(replaced);
    },
    discard: () => remove(partial),
  };
}

/** A file that is synced to disk while it is written. */
class SyncedFile {
  #file;
  #unsynced = 0;
  /** @type {Promise<void>} */
  #syncing = Promise.resolve();

  /** @param {import('node:fs/promises').FileHandle} file */
  constructor(file) {
    this.#file = file;
  }

  /**
   * Appends bytes and detaches their buffer.
   * @param {Uint8Array} chunk
   */
  async write(chunk) {
    const { length } = chunk;
    await this.#file.writeFile(chunk);
    detachBuffer(chunk);
    this.#unsynced += length;
    if (this.#unsynced < SYNC_BYTES) return;
    // Waits for a slow disk. A disk reports a failed write once: it is thrown here, or by the last sync.
    await this.#syncing;
    this.#unsynced = 0;
    this.#syncing = this.#file.datasync();
    this.#syncing.catch(() => {});
  }

  /** Waits until all bytes are on the disk. */
  async sync() {
    await this.#syncing;
    await this.#file.sync();
  }
}

/**
 * Creates a folder and its parents. Node's recursive mkdir never ends on a file system that lists what it denies (/proc).
 * @param {string} path
 */
async function makeFolder(path) {
  try {
    await makeOne(path);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

/**
 * Creates a folder unless it exists; another table may create it at the same time.
 * @param {string} path
 */
async function makeOne(path) {
  try {
    await mkdir(path);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
}

/** @param {string} path */
const fileExists = (path) => new PetitError('file_exists', `${path} already exists`);
