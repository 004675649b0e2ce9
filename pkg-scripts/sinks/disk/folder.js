import { access, constants, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { toJson } from '../../driver/utils/bigint-json.js';
import { entryAt } from './entry.js';
import { openDiskFile, partialStream } from './file.js';
import { makeFolder } from './folders.js';
import { Journal, journaledFiles } from './journal.js';
import { manifestPath, readManifest, WRITER } from './manifest.js';
import { fileExists, PartialFile } from './partial-file.js';
import { findConflict, findTarget } from './target.js';

/** @import { Folder, FolderSink } from '../../types.js' */

/**
 * Opens a folder of partitions. It is used as it is. Files get their names when the folder is published: one by one, and the
 * manifest beside the folder last. Only files that this manifest listed before are replaced or deleted.
 * @param {string} path
 * @param {{ overwrite: boolean }} options
 * @returns {Promise<Folder>}
 */
export async function openDiskFolder(path, { overwrite }) {
  const target = await findTarget(path);
  if (target.kind === 'unusable') throw new PetitError('cannot_write', `${path}: ${target.reason}`);
  if (target.kind !== 'folder' && target.kind !== 'absent')
    throw new PetitError('path_conflict', `${path} is not a folder`);
  const folder = new PartitionFolder(path, target.path, overwrite);
  await folder.throwIfExists();
  await makeFolder(dirname(target.path));
  return folder;
}

/** @implements {Folder} */
class PartitionFolder {
  #shown;
  #path;
  #manifest;
  #overwrite;
  /** @type {Map<string, PartialFile>} by path within the folder */
  #files = new Map();

  /**
   * @param {string} shown the path that the user gave
   * @param {string} path without links at its end
   * @param {boolean} overwrite
   */
  constructor(shown, path, overwrite) {
    this.#shown = shown;
    this.#path = path;
    this.#manifest = manifestPath(shown);
    this.#overwrite = overwrite;
  }

  /** An earlier export is replaced only on request. */
  async throwIfExists() {
    if ((await readManifest(this.#manifest)) && !this.#overwrite) throw fileExists(this.#manifest);
  }

  /**
   * Fails if a file is in the way that is not petit's.
   * @param {string[]} paths within the folder
   */
  async checkPaths(paths) {
    await this.#throwIfTaken(paths, await this.#ownFiles(await journaledFiles(this.#manifest)));
  }

  /** @param {string} name path within the folder @returns {Promise<FolderSink>} */
  async openSink(name) {
    const home = await partialsFolder(this.#path);
    const partial = await PartialFile.create(home, basename(this.#path), { isHashed: true });
    let sha256 = '';
    const finish = async () => {
      sha256 = (await partial.finish()) ?? '';
      this.#files.set(name, partial);
    };
    return { writable: partialStream(partial, finish), path: name, sha256: () => sha256 };
  }

  /** @param {object} manifest */
  async publish(manifest) {
    const paths = [...this.#files.keys()];
    const journal = await Journal.open(this.#manifest);
    try {
      await this.throwIfExists();
      const own = await this.#ownFiles(journal.abandonedFiles);
      await this.#throwIfTaken(paths, own);
      await journal.write([...new Set([...own, ...paths])]);
      for (const path of paths) await this.#publishFile(path, own.has(path));
      await this.#writeManifest(manifest);
      const kept = new Set(paths);
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
   * @param {string[]} paths
   * @param {Set<string>} own
   */
  async #throwIfTaken(paths, own) {
    for (const path of paths) {
      const conflict = await findConflict(this.#path, path, own.has(path));
      if (conflict === undefined) continue;
      throw new PetitError(
        'path_conflict',
        `${join(this.#shown, conflict)} exists, and the manifest ${this.#manifest} does not list it`,
        { hint: 'Move the file away, or choose another folder. petit replaces only files that it wrote.' },
      );
    }
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
 * Where the partial files of a folder are written: beside it, so that readers of the folder do not find them. Inside if that
 * is another disk, or if files cannot be created beside it.
 * @param {string} path
 */
async function partialsFolder(path) {
  // A folder that cannot be inspected is about to be created, or fails when it is used.
  const [parent, folder] = await Promise.all([stat(dirname(path)), stat(path).catch(() => undefined)]);
  if (!folder || (folder.dev === parent.dev && (await isWritable(dirname(path))))) return dirname(path);
  return path;
}

/** @param {string} folder */
const isWritable = (folder) =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );

/**
 * Deletes one file of petit. Anything else that has its name by now stays.
 * @param {string} path
 */
async function deleteFile(path) {
  const found = await entryAt(path);
  if (found?.isFile()) await rm(path, { force: true });
}
