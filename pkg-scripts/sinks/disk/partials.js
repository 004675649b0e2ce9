import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toPetitError } from '../../driver/errors.js';
import { entryAt } from './entry.js';
import { isLive, parseName } from './names.js';

/** @import { PetitError } from '../../driver/errors.js' */
/** @import { FileCleanupRequest, FileCleanupSummary, PartialFileInfo } from '../../types.js' */

/**
 * Lists the partial files in a folder and its subfolders, and removes those of runs that are gone if requested.
 * @param {FileCleanupRequest} request
 * @returns {Promise<FileCleanupSummary>}
 */
export async function cleanUpFolder({ folder, remove = false, signal, onEvent = () => {} }) {
  const files = await findPartialFiles(folder);
  onEvent({ type: 'plan', command: 'cleanup-files', folder, files });
  /** @type {FileCleanupSummary} */
  const summary = { folder, files, removed: 0, errors: [] };
  if (!remove) return summary;
  for (const file of files) {
    signal?.throwIfAborted();
    try {
      if (await removePartialFile(file)) summary.removed += 1;
    } catch (error) {
      summary.errors.push(/** @type {PetitError} */ (toPetitError(error)));
    }
  }
  const errors = summary.errors.map((error) => error.toJSON());
  onEvent({ type: 'summary', command: 'cleanup-files', ...summary, errors });
  return summary;
}

/**
 * Finds the partial files in a folder and its subfolders. Follows no links.
 * @param {string} folder
 * @returns {Promise<PartialFileInfo[]>} sorted by path
 */
export async function findPartialFiles(folder) {
  /** @type {PartialFileInfo[]} */
  const found = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = await readdir(next, { withFileTypes: true }).catch((error) => {
      if (next === folder) throw error;
      return []; // Another process removed it, or it is not ours to read.
    });
    for (const entry of entries) {
      const path = join(next, entry.name);
      if (parseName(entry.name)?.kind === 'partial') {
        const info = await describe(path, entry.name);
        if (info) found.push(info);
      } else if (entry.isDirectory()) folders.push(path);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Removes a partial file, unless its run is still running.
 * @param {PartialFileInfo} file
 * @returns {Promise<boolean>} whether this call removed it
 */
export async function removePartialFile({ path }) {
  const info = await describe(path, path.replace(/^.*[/\\]/s, ''));
  if (!info || info.live) return false;
  await rm(path, { recursive: true, force: true });
  return true;
}

/** @param {string} path @param {string} name @returns {Promise<PartialFileInfo | undefined>} */
async function describe(path, name) {
  const found = await entryAt(path);
  if (!found?.isFile() && !found?.isDirectory()) return undefined;
  const live = isLive(name, Date.now() - Number(found.mtimeMs));
  const bytes = found.isFile() ? found.size : await bytesOf(path);
  return { path, bytes, modified: found.mtime.toISOString(), live };
}

/**
 * Bytes of the files in a folder that was to become a set of files, or was one.
 * @param {string} folder
 */
async function bytesOf(folder) {
  // Another process removed it, or it is not ours to read.
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const entries = await Promise.all(names.map((name) => entryAt(join(folder, name))));
  return entries.reduce((sum, entry) => sum + (entry?.isFile() ? entry.size : 0n), 0n);
}
