import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { toJson } from '../../driver/utils/bigint-json.js';
import { entryAt } from './entry.js';
import { openDiskFile, partialStream } from './file.js';
import { makeFolder } from './folders.js';
import { Journal, journaledFiles } from './journal.js';
import { filePath, manifestPath, partOfPath, readManifest, WRITER } from './manifest.js';
import { fileExists, PartialFile } from './partial-file.js';
import { partialsFolder, whyNotReplaceable } from './partials-folder.js';
import { findForeignFile, replaceFolder } from './replace-folder.js';
import { findConflict, findTarget } from './target.js';

/** @import { Folder, FolderSink } from '../../types.js' */

/**
 * Opens a folder of files. It is used as it is. Files get their names when the folder is published, and the manifest beside the
 * folder last: one by one, or, with `isSet`, all files of a partition at once. Only files that this manifest listed before are
 * replaced or deleted.
 * @param {string} path
 * @param {{ overwrite: boolean, isSet: boolean }} options
 * @returns {Promise<Folder>}
 */
export async function openDiskFolder(path, { overwrite, isSet }) {
  const target = await findTarget(path);
  if (target.kind === 'unusable') throw new PetitError('cannot_write', `${path}: ${target.reason}`);
  if (target.kind !== 'folder' && target.kind !== 'absent')
    throw new PetitError('path_conflict', `${path} is not a folder`);
  const folder = new DiskFolder(path, target.path, { overwrite, isSet });
  await folder.throwIfExists();
  await makeFolder(dirname(target.path));
  return folder;
}

/** @implements {Folder} */
class DiskFolder {
  #shown;
  #path;
  #manifest;
  #overwrite;
  #isSet;
  /** @type {Map<string, PartialFile>} by path within the folder */
  #files = new Map();

  /**
   * @param {string} shown the path that the user gave
   * @param {string} path without links at its end
   * @param {{ overwrite: boolean, isSet: boolean }} options
   */
  constructor(shown, path, { overwrite, isSet }) {
    this.#shown = shown;
    this.#path = path;
    this.#manifest = manifestPath(shown);
    this.#overwrite = overwrite;
    this.#isSet = isSet;
  }

  /** An earlier export is replaced only on request. */
  async throwIfExists() {
    if ((await readManifest(this.#manifest)) && !this.#overwrite) throw fileExists(this.#manifest);
  }

  /**
   * Fails if a file is in the way that is not petit's.
   * @param {string[]} parts folders within the folder
   */
  async checkParts(parts) {
    const reason = parts.includes('') ? await whyNotReplaceable(this.#path) : undefined;
    if (reason !== undefined) throw new PetitError('cannot_write', `${this.#shown}: ${reason}`);
    const own = await this.#ownFiles(await journaledFiles(this.#manifest));
    await this.#throwIfTaken(parts, own);
  }

  /** @param {string} part folder within the folder @param {number} index @returns {Promise<FolderSink>} */
  async openSink(part, index) {
    const path = filePath(part, index);
    const home = await partialsFolder(this.#path);
    const partial = await PartialFile.create(home, basename(this.#path), { isHashed: true });
    let sha256 = '';
    const finish = async () => {
      sha256 = (await partial.finish()) ?? '';
      this.#files.set(path, partial);
    };
    return { writable: partialStream(partial, finish), path, sha256: () => sha256 };
  }

  /**
   * @param {object} manifest
   * @param {string[]} [keptPaths] listed files that stay as they are
   */
  async publish(manifest, keptPaths = []) {
    const paths = [...this.#files.keys()];
    const parts = [...new Set(paths.map(partOfPath))];
    const journal = await Journal.open(this.#manifest);
    try {
      await this.throwIfExists();
      const own = await this.#ownFiles(journal.abandonedFiles);
      await this.#throwIfTaken(parts, own);
      const kept = new Set([...paths, ...keptPaths]);
      const untouched = new Set(keptPaths);
      await journal.write([...new Set([...own, ...paths])].filter((path) => !untouched.has(path)));
      for (const part of parts) {
        if (this.#isReplaced(part, own)) await this.#publishPart(part, own);
        else await this.#publishFile(filePath(part, 0), own.has(filePath(part, 0)));
      }
      await this.#writeManifest(manifest);
      for (const path of own) if (!kept.has(path)) await deleteFile(join(this.#path, path));
      await journal.close();
    } catch (error) {
      await journal.abandon();
      throw error;
    }
  }

  async discard() {
    for (const file of this.#files.values()) await file.discard();
    this.#files.clear();
  }

  /**
   * Whether the folder of a partition is replaced, because it has several files, or had.
   * @param {string} part
   * @param {Set<string>} own
   */
  #isReplaced(part, own) {
    return this.#isSet || [...own].some((path) => partOfPath(path) === part && path !== filePath(part, 0));
  }

  /**
   * Replaces all files of a partition, or of the folder.
   * @param {string} part
   * @param {Set<string>} own
   */
  async #publishPart(part, own) {
    const paths = [...this.#files.keys()].filter((path) => partOfPath(path) === part);
    const files = new Map(paths.map((path) => [basename(path), this.#files.get(path)]));
    if (part !== '') await makeFolder(this.#path);
    await replaceFolder(join(this.#path, part), {
      files: /** @type {Map<string, PartialFile>} */ (files),
      home: await partialsFolder(this.#path),
      check: async (moved) => this.#throwIfForeign(await findForeignFile(moved, part, own)),
    });
    for (const path of paths) this.#files.delete(path);
  }

  /**
   * @param {string} path within the folder
   * @param {boolean} overwrite whether petit made the file that has this name
   */
  async #publishFile(path, overwrite) {
    const to = join(this.#path, path);
    await makeFolder(dirname(to));
    await this.#files.get(path)?.publish(to, { overwrite });
    this.#files.delete(path);
  }

  /**
   * The files that petit made: those of the manifest, and those of runs that were killed while they published.
   * @param {string[]} journaled
   */
  async #ownFiles(journaled) {
    return new Set([...((await readManifest(this.#manifest)) ?? []), ...journaled]);
  }

  /**
   * @param {string[]} parts
   * @param {Set<string>} own
   */
  async #throwIfTaken(parts, own) {
    for (const part of parts) {
      this.#throwIfForeign(await this.#findConflict(part, own));
    }
  }

  /** @param {string | undefined} conflict path within the folder */
  #throwIfForeign(conflict) {
    if (conflict === undefined) return;
    throw new PetitError(
      'path_conflict',
      `${join(this.#shown, conflict)} exists, and the manifest ${this.#manifest} does not list it`,
      { hint: 'Move the file away, or choose another folder. petit replaces only files that it wrote.' },
    );
  }

  /**
   * @param {string} part
   * @param {Set<string>} own
   */
  async #findConflict(part, own) {
    const file = filePath(part, 0);
    const conflict = await findConflict(this.#path, file, own.has(file));
    if (conflict !== undefined || !this.#isSet) return conflict;
    return findForeignFile(join(this.#path, part), part, own);
  }

  /** @param {object} manifest */
  async #writeManifest(manifest) {
    const { writable } = await openDiskFile(this.#manifest, { overwrite: true });
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode(`${toJson({ writer: WRITER, ...manifest }, 2)}\n`));
    await writer.close();
  }
}

/**
 * Deletes one file of petit. Anything else that has its name by now stays.
 * @param {string} path
 */
async function deleteFile(path) {
  const found = await entryAt(path);
  if (found?.isFile()) await rm(path, { force: true });
}
