import { randomUUID } from 'node:crypto';
import { PetitError } from '../../driver/errors.js';
import { sleep } from '../../driver/utils/sleep.js';
import { filePaths } from '../disk/manifest.js';
import { isWriterRunning, LEASE_MS, thisMachine } from '../disk/names.js';

/** @import { Store } from './store.js' */

// A run writes a journal before it publishes a folder: an object that lists the objects that will appear or be deleted. If
// the run is killed, the next one reads it, and so knows that these objects are petit's. Its conditions make it the lock.

/** How long to wait for another run that publishes into the same folder, in milliseconds. */
const MAX_WAIT_MS = 60_000;
const POLL_MS = 1_000;

/**
 * What a journal contains.
 * @typedef {{ id: string, machine: string, pid: number, ended: boolean, files: string[] }} Entry
 */

/** The journal's key: beside the folder, with a name that readers skip. @param {string} folder */
const journalKey = (folder) => folder.replace(/[^/]*$/, (name) => `.${name}.petit-publishing`);

/** The journal of a run that publishes a folder. */
export class ObjectJournal {
  /** Objects of petit that the journal of a killed run lists. @type {string[]} */
  abandonedFiles = [];
  id = randomUUID();
  #store;
  #key;
  /** @type {string | undefined} */
  #etag;
  /** @type {string[]} */
  #files = [];
  #timer;

  /** @param {Store} store @param {string} folder */
  constructor(store, folder) {
    this.#store = store;
    this.#key = journalKey(folder);
    // Its age tells whether its run is alive.
    this.#timer = setInterval(() => void this.#put(false).catch(() => {}), LEASE_MS / 4);
    this.#timer.unref();
  }

  /**
   * Waits until no other run publishes into the folder, and keeps others out.
   * @param {Store} store
   * @param {string} folder
   */
  static async open(store, folder) {
    const journal = new ObjectJournal(store, folder);
    for (let waited = 0; waited < MAX_WAIT_MS; waited += POLL_MS) {
      if (await journal.#take()) return journal;
      await sleep(POLL_MS);
    }
    clearInterval(journal.#timer);
    throw new PetitError('in_use', `another run is publishing the folder ${store.url(folder)}`, {
      hint: 'Wait until the other run has ended, then run the same command again.',
    });
  }

  /**
   * Replaces what the journal lists.
   * @param {string[]} files paths within the folder
   */
  async write(files) {
    this.#files = [...new Set([...files, ...this.abandonedFiles])];
    if (!(await this.#put(false)))
      throw new PetitError('in_use', `another run has taken over ${this.#store.url(this.#key)}`);
  }

  /** Ends a publish that is complete. */
  async close() {
    clearInterval(this.#timer);
    await this.#store.remove(this.#key);
  }

  /** Ends a publish that failed. The journal stays for the next run, unless nothing was published. */
  async abandon() {
    clearInterval(this.#timer);
    // The run fails already, with an earlier error.
    await (this.#files.length > 0 ? this.#put(true) : this.#store.remove(this.#key)).catch(() => {});
  }

  /** @returns {Promise<boolean>} false if another run has the journal */
  async #take() {
    const found = await this.#store.get(this.#key);
    const entry = found && parseEntry(found.text);
    if (found && entry && isLive(entry, Date.now() - Date.parse(found.modified))) return false;
    this.abandonedFiles = entry?.files ?? [];
    this.#files = this.abandonedFiles;
    this.#etag = found?.etag;
    return this.#put(false);
  }

  /** @param {boolean} ended whether the run has failed @returns {Promise<boolean>} false if another run has the journal */
  async #put(ended) {
    /** @type {Entry} */
    const entry = { id: this.id, machine: thisMachine(), pid: process.pid, ended, files: this.#files };
    const condition = this.#etag === undefined ? { ifAbsent: true } : { ifMatch: this.#etag };
    const etag = await this.#store.put(this.#key, JSON.stringify(entry), {
      ...condition,
      mark: randomUUID(),
    });
    if (etag !== undefined) this.#etag = etag;
    return etag !== undefined;
  }
}

/**
 * The objects that the journal of another run lists.
 * @param {Store} store
 * @param {string} folder
 */
export async function journaledFiles(store, folder) {
  const found = await store.get(journalKey(folder));
  return (found && parseEntry(found.text)?.files) ?? [];
}

/** @param {string} text @returns {Entry | undefined} */
function parseEntry(text) {
  try {
    const { id, machine, pid, ended, files } = JSON.parse(text);
    return { id, machine, pid, ended, files: Array.isArray(files) ? filePaths(files) : [] };
  } catch {
    return undefined;
  }
}

/** @param {Entry} entry @param {number} ageMs */
const isLive = ({ machine, pid, ended }, ageMs) => !ended && isWriterRunning({ machine, pid }, ageMs);
