import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { entryAt } from './entry.js';
import { makeFolder, syncFolder } from './folders.js';
import { liveNames, newName } from './names.js';
import { renameWithRetry } from './partial-file.js';

/** @import { PartialFile } from './partial-file.js' */

/**
 * Replaces a folder by one with these files. Two renames do it: a reader finds all of the old files, no folder, or all of the
 * new files.
 * @param {string} path
 * @param {object} options
 * @param {Map<string, PartialFile>} options.files by name; none removes the folder
 * @param {string} options.home a folder of the same disk in which partial folders are created
 * @param {(folder: string) => Promise<void>} options.check fails if the old folder, where it is now, must not be deleted
 */
export async function replaceFolder(path, { files, home, check }) {
  const staged = files.size > 0 ? await stage(path, files, home) : undefined;
  const old = partialFolder(path, home);
  try {
    if (await moveIfExists(path, old)) await orRestore(old, path, () => check(old));
    if (staged) await orRestore(old, path, () => renameWithRetry(staged, path));
    await syncFolder(dirname(path));
    await rm(old, { recursive: true, force: true });
  } finally {
    if (staged) await rm(staged, { recursive: true, force: true });
    for (const name of [old, staged ?? '']) liveNames.delete(basename(name));
  }
}

/**
 * A new folder with these files.
 * @param {string} path of the folder that it becomes
 * @param {Map<string, PartialFile>} files
 * @param {string} home
 */
async function stage(path, files, home) {
  const staged = partialFolder(path, home);
  await makeFolder(home);
  await mkdir(staged);
  for (const [name, file] of files) await file.publish(join(staged, name), { overwrite: false });
  return staged;
}

/**
 * The path of a folder that has a name of petit's own.
 * @param {string} path
 * @param {string} home
 */
function partialFolder(path, home) {
  const name = newName('partial', basename(path));
  liveNames.add(name);
  return join(home, name);
}

/** @param {string} from @param {string} to @returns {Promise<boolean>} whether there was one */
async function moveIfExists(from, to) {
  if (!(await entryAt(from))) return false;
  await renameWithRetry(from, to);
  return true;
}

/**
 * Gives the old folder its name back if a step fails.
 * @param {string} old where it is now
 * @param {string} path
 * @param {() => Promise<void>} step
 */
async function orRestore(old, path, step) {
  try {
    await step();
  } catch (error) {
    await moveIfExists(old, path);
    throw error;
  }
}

/**
 * Something in a folder that is not a file of petit, so that the folder must not be replaced.
 * @param {string} folder where it is now
 * @param {string} part its path within the table's folder; empty for that folder
 * @param {Set<string>} own paths within the table's folder
 * @returns {Promise<string | undefined>} a path within the table's folder
 */
export async function findForeignFile(folder, part, own) {
  const folders = [''];
  for (let within = folders.pop(); within !== undefined; within = folders.pop()) {
    // A folder that does not exist has no files. One that cannot be read cannot be replaced either.
    const entries = await readdir(join(folder, within), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = within && `${within}/`;
      const inTable = (part && `${part}/`) + path + entry.name;
      if (entry.isDirectory()) folders.push(path + entry.name);
      else if (!entry.isFile() || !own.has(inTable)) return inTable;
    }
  }
  return undefined;
}
