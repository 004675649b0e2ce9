import { release } from '../driver/utils/free-buffer.js';

/** Bytes after which the disk is told to begin: else it would have everything to do in the end, and all wait for it. */
const SYNC_BYTES = 32 * 2 ** 20;

/** A file whose bytes go to the disk while more of them are written. */
export class DiskFile {
  #file;
  #unsynced = 0;
  /** @type {Promise<void>} */
  #syncing = Promise.resolve();

  /** @param {import('node:fs/promises').FileHandle} file */
  constructor(file) {
    this.#file = file;
  }

  /**
   * Appends bytes.
   * @param {Uint8Array} chunk its memory is taken away
   */
  async write(chunk) {
    const { length } = chunk;
    await this.#file.writeFile(chunk);
    release(chunk);
    this.#unsynced += length;
    if (this.#unsynced < SYNC_BYTES) return;
    // A disk that cannot keep up is waited for. What it could not write it says once: here, or at the end.
    await this.#syncing;
    this.#unsynced = 0;
    this.#syncing = this.#file.datasync();
    this.#syncing.catch(() => {}); // Thrown where it is waited for.
  }

  /** Waits until all bytes are on the disk. */
  async sync() {
    await this.#syncing;
    await this.#file.sync();
  }
}
