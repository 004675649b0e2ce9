import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates a folder and its parents. Node's recursive mkdir never ends on a file system that lists what it denies (/proc).
 * @param {string} path
 */
export async function makeFolder(path) {
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

/**
 * Writes a folder's list of names to the disk, where the platform can.
 * @param {string} path
 */
export async function syncFolder(path) {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows and some network file systems cannot sync a folder. The names are still in order.
  }
}
