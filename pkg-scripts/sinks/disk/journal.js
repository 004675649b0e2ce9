import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { sleep } from '../../driver/utils/sleep.js';
import { filePaths } from './manifest.js';
import { isLive, liveNames, newName, parseName, stemOf } from './names.js';

// A run writes a journal before it publishes a folder: the files that it creates and those that it deletes. If it is killed,
// the next run reads the journal, and so knows that these files are petit's. The journal is also the lock of the folder.

/** How long to wait for another run that publishes into the same folder, in milliseconds. */
const MAX_WAIT_MS = 60_000;
const MIN_POLL_MS = 50;

/** The journal of a run that publishes a folder. */
export class Journal {
  /** Files of petit that journals of killed runs list. @type {string[]} */
  abandonedFiles = [];
  /** @type {string[]} paths of those journals */
  #abandoned = [];
  #path;
  #isEmpty = true;

  /** @param {string} path */
  constructor(path) {
    this.#path = path;
  }

  /**
   * Waits until no other run publishes into the folder, and keeps others out.
   * @param {string} manifest path of the folder's manifest
   */
  static async open(manifest) {
    const folder = dirname(manifest);
    for (let waited = 0; waited < MAX_WAIT_MS; ) {
      const name = newName('publishing', basename(manifest));
      liveNames.add(name);
      const journal = new Journal(join(folder, name));
      await journal.write([]);
      const others = (await findJournals(folder, basename(manifest))).filter((other) => other !== name);
      if (await journal.#absorb(folder, others)) return journal;
      await journal.#remove();
      const pause = MIN_POLL_MS * (1 + Math.random());
      waited += pause;
      await sleep(pause);
    }
    throw new PetitError('in_use', `another run is publishing the folder of ${manifest}`, {
      hint: 'Wait until the other run has ended, then run the same command again.',
    });
  }

  /**
   * Replaces what the journal lists.
   * @param {string[]} files paths within the folder
   */
  async write(files) {
    this.#isEmpty = files.length === 0;
    const file = await open(this.#path, 'w');
    try {
      await file.writeFile(JSON.stringify({ files }));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Ends a publish that is complete. */
  async close() {
    for (const path of this.#abandoned) await rm(path, { force: true });
    await this.#remove();
  }

  /** Ends a publish that failed. The journal stays for the next run, unless nothing was published. */
  async abandon() {
    if (this.#isEmpty) await this.#remove();
    else liveNames.delete(basename(this.#path));
  }

  async #remove() {
    await rm(this.#path, { force: true });
    liveNames.delete(basename(this.#path));
  }

  /**
   * Reads the journals of killed runs.
   * @param {string} folder
   * @param {string[]} names
   * @returns {Promise<boolean>} false if one of the runs is still running
   */
  async #absorb(folder, names) {
    this.#abandoned = names.map((name) => join(folder, name));
    for (const name of names) {
      const path = join(folder, name);
      // Its run has just ended, and deleted it.
      const found = await stat(path).catch(() => undefined);
      if (!found) continue;
      if (isLive(name, Date.now() - found.mtimeMs)) return false;
      this.abandonedFiles.push(...(await readJournal(path)));
    }
    return true;
  }
}

/**
 * The files that journals of other runs list.
 * @param {string} manifest path of the folder's manifest
 * @returns {Promise<string[]>}
 */
export async function journaledFiles(manifest) {
  const folder = dirname(manifest);
  const names = await findJournals(folder, basename(manifest));
  const files = await Promise.all(names.map((name) => readJournal(join(folder, name))));
  return files.flat();
}

/** @param {string} folder @param {string} manifest name of the manifest @returns {Promise<string[]>} */
async function findJournals(folder, manifest) {
  // A folder that does not exist has no journals. One that cannot be read fails when a file is created in it.
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => {
    const own = parseName(name);
    return own?.kind === 'publishing' && own.stem === stemOf(manifest);
  });
}

/**
 * An incomplete journal lists nothing: its run had not begun to publish.
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function readJournal(path) {
  try {
    const { files } = JSON.parse(await readFile(path, 'utf8'));
    return Array.isArray(files) ? filePaths(files) : [];
  } catch {
    return [];
  }
}
