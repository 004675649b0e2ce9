import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Where the partial files of a folder are written: beside it, so that readers of the folder do not find them. Inside if that
 * is another disk, or if files cannot be created beside it.
 * @param {string} path
 */
export async function partialsFolder(path) {
  // A folder that cannot be inspected is about to be created, or fails when it is used. Its parents can be missing too.
  const [parent, folder] = await Promise.all([statIfExists(dirname(path)), statIfExists(path)]);
  if (!folder || (folder.dev === parent?.dev && (await isWritable(dirname(path))))) return dirname(path);
  return path;
}

/**
 * Why a folder cannot be replaced by another one.
 * @param {string} path
 * @returns {Promise<string | undefined>} undefined if it can, or does not exist
 */
export async function whyNotReplaceable(path) {
  if ((await partialsFolder(path)) !== path) return undefined;
  return 'a set of files replaces its folder, but this one is a mount point or its parent is read-only; name a folder below it';
}

/** @param {string} path */
const statIfExists = (path) => stat(path).catch(() => undefined);

/** @param {string} folder */
const isWritable = (folder) =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
