import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isLive, parseName } from './names.js';

/** @import { PartialFileInfo } from '../../types.js' */

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
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && parseName(entry.name)?.kind === 'partial') {
        const info = await describe(path, entry.name);
        if (info) found.push(info);
      }
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
  await rm(path, { force: true });
  return true;
}

/** @param {string} path @param {string} name @returns {Promise<PartialFileInfo | undefined>} */
async function describe(path, name) {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const live = isLive(name, Date.now() - found.mtimeMs);
  return { path, bytes: BigInt(found.size), modified: found.mtime.toISOString(), live };
}
