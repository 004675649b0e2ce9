import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { entryAt } from './entry.js';
import { journaledFiles } from './journal.js';
import { manifestPath, readManifest } from './manifest.js';
import { findTarget } from './target.js';

/** @import { FolderState } from '../../core.js' */

/** Files that are inspected at a time. */
const MAX_PARALLEL = 64;

/** @typedef {{ path: string, bytes: number, sha256: string }} ListedFile */

/**
 * What is in a folder before an update: its manifest, and which of the listed files are not as it says. Changes nothing.
 * @param {string} shown the path that the user gave
 * @returns {Promise<FolderState>}
 */
export async function readFolderState(shown) {
  const path = manifestPath(shown);
  const unfinished = [...new Set(await journaledFiles(path))];
  // Fails if the manifest is not petit's.
  if (!(await readManifest(path))) return { path: shown, unfinished };
  const manifest = await readFile(path, 'utf8');
  const { mtimeMs } = await stat(path);
  const { path: folder } = await findTarget(shown);
  /** @type {{ files: ListedFile[] }} */
  const { files } = JSON.parse(manifest);
  /** @type {string[]} */
  const changed = [];
  for (let at = 0; at < files.length; at += MAX_PARALLEL) {
    const some = files.slice(at, at + MAX_PARALLEL);
    const found = await Promise.all(some.map((file) => isChanged(folder, file, mtimeMs)));
    changed.push(...some.filter((_, index) => found[index]).map((file) => file.path));
  }
  return { path: shown, manifest, changed, unfinished };
}

/**
 * Whether a file is missing or has other bytes than the manifest says. Bytes of the right number are read only if the file was
 * written after the manifest, which petit writes last.
 * @param {string} folder
 * @param {ListedFile} listed
 * @param {number} writtenMs when the manifest was written
 */
async function isChanged(folder, { path, bytes, sha256 }, writtenMs) {
  const found = await entryAt(join(folder, path));
  if (!found?.isFile() || Number(found.size) !== bytes) return true;
  return Number(found.mtimeMs) > writtenMs && (await sha256Of(join(folder, path))) !== sha256;
}

/** @param {string} path */
async function sha256Of(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
