import { constants } from 'node:fs';
import { access, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { entryAt } from './entry.js';
import { whyNotWindowsPath } from './windows-path.js';

/**
 * What is at a path before petit writes there. Symbolic links are followed, so that they stay links.
 * @typedef {object} DiskTarget
 * @property {'absent' | 'file' | 'folder' | 'stream' | 'block_device' | 'unusable'} kind
 * @property {string} path without links at its end
 * @property {number} [mode] of a file
 * @property {string} [reason] why nothing can be written
 */

/** The path of standard output, as in other commands. */
export const STDOUT = '-';
const STDOUT_PATHS = new Set([STDOUT, '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);
/** Open descriptors: writing must not replace the file behind one of them. */
const DESCRIPTOR = /^\/dev\/(?:stderr|fd\/\d+)$|^\/proc\/(?:self|\d+)\/fd\/\d+$/;
/** Maximum number of links in a row, as in Linux. */
const MAX_LINKS = 40;
const MAX_NAME_BYTES = 255;

/** @type {Record<string, string>} */
const REASONS = {
  ELOOP: 'its symbolic links form a loop',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EACCES: 'access to a part of the path is denied',
  ENAMETOOLONG: 'the name is too long',
  EROFS: 'the file system is read-only',
};

/** @param {string} path */
export const isStdout = (path) => STDOUT_PATHS.has(path);

/**
 * @param {string} path
 * @param {FolderCache} [folders] for many paths, most of which are in the same folder
 * @returns {Promise<DiskTarget>}
 */
export async function findTarget(path, folders = new FolderCache()) {
  if (isStdout(path)) return stdoutTarget(path);
  const reason = process.platform === 'win32' ? whyNotWindowsPath(path) : undefined;
  if (reason !== undefined) return { kind: 'unusable', path, reason };
  if (await folders.isAbsent(dirname(path))) return absentTarget(path, path, folders);
  try {
    return await existingTarget(path);
  } catch (error) {
    const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== 'ENOENT') return { kind: 'unusable', path, reason: REASONS[code] ?? message };
    const target = await followLinks(path);
    if (target === undefined) return { kind: 'unusable', path, reason: REASONS.ELOOP ?? '' };
    return absentTarget(path, target, folders);
  }
}

/** What is known of folders. Each one is inspected once, because a database may have 10,000 tables. */
export class FolderCache {
  /** @type {Map<string, Promise<boolean>>} */
  #absent = new Map();
  /** @type {Map<string, Promise<string | undefined>>} */
  #reasons = new Map();

  /** @param {string} folder */
  isAbsent(folder) {
    return cached(this.#absent, folder, async () => {
      const found = await stat(folder).catch((/** @type {NodeJS.ErrnoException} */ { code }) => code);
      return found === 'ENOENT';
    });
  }

  /**
   * Why no file can be created in a folder, which petit creates if it does not exist.
   * @param {string} folder
   */
  whyNotWritable(folder) {
    return cached(this.#reasons, folder, async () => whyNotWritable(await existingAncestor(folder)));
  }
}

/**
 * @template T
 * @param {Map<string, Promise<T>>} cache
 * @param {string} key
 * @param {() => Promise<T>} find
 */
function cached(cache, key, find) {
  const known = cache.get(key) ?? find();
  cache.set(key, known);
  return known;
}

/** @param {string} path @returns {DiskTarget} */
function stdoutTarget(path) {
  if (!process.stdout.isTTY) return { kind: 'stream', path };
  return { kind: 'unusable', path, reason: 'standard output is a terminal; redirect it to a file or a pipe' };
}

/** @param {string} path @returns {Promise<DiskTarget>} */
async function existingTarget(path) {
  const found = await stat(path);
  if (DESCRIPTOR.test(resolve(path))) return { kind: 'stream', path };
  if (found.isBlockDevice()) return { kind: 'block_device', path };
  if (!found.isFile() && !found.isDirectory()) return { kind: 'stream', path };
  const real = await realpath(path);
  const folder = found.isFile() ? dirname(real) : real;
  const reason = await whyNotWritable(folder);
  if (reason !== undefined) return { kind: 'unusable', path: real, reason };
  return { kind: found.isFile() ? 'file' : 'folder', path: real, mode: found.mode };
}

/**
 * @param {string} path
 * @param {string} target to which links at the end of the path lead
 * @param {FolderCache} folders
 * @returns {Promise<DiskTarget>}
 */
async function absentTarget(path, target, folders) {
  if (Buffer.byteLength(basename(target)) > MAX_NAME_BYTES)
    return { kind: 'unusable', path, reason: REASONS.ENAMETOOLONG ?? '' };
  const reason = await folders.whyNotWritable(dirname(resolve(target)));
  return reason === undefined ? { kind: 'absent', path: target } : { kind: 'unusable', path, reason };
}

/**
 * What is in the way of a partition's file.
 * @param {string} folder
 * @param {string} file path within the folder
 * @param {boolean} isOwn whether petit made a file of this name, which it may replace
 * @returns {Promise<string | undefined>} a path within the folder
 */
export async function findConflict(folder, file, isOwn) {
  // What cannot be inspected fails when it is used.
  const partition = await stat(join(folder, dirname(file))).catch(() => undefined);
  if (partition && !partition.isDirectory()) return dirname(file);
  const found = await entryAt(join(folder, file));
  return !found || (isOwn && found.isFile()) ? undefined : file;
}

/**
 * The path to which links at the end of `path` lead, whether or not there is something.
 * @param {string} path
 * @returns {Promise<string | undefined>} undefined if there are too many links
 */
async function followLinks(path) {
  let target = path;
  for (let count = 0; count < MAX_LINKS; count += 1) {
    const found = await entryAt(target);
    if (!found?.isSymbolicLink()) return target;
    // The link is relative to the folder in which it really is.
    target = resolve(await realpath(dirname(target)), await readlink(target));
  }
  return undefined;
}

/**
 * The folder, or the nearest one above it that exists; petit creates those below it.
 * @param {string} path
 */
async function existingAncestor(path) {
  let folder = path;
  for (;;) {
    // One that cannot be inspected gets its reason from `whyNotWritable`.
    const found = await stat(folder).catch(() => undefined);
    if (found || dirname(folder) === folder) return folder;
    folder = dirname(folder);
  }
}

/**
 * @param {string} folder
 * @returns {Promise<string | undefined>} undefined if files can be created in the folder
 */
export async function whyNotWritable(folder) {
  try {
    const found = await stat(folder);
    if (!found.isDirectory()) return `${folder} is not a folder`;
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EACCES' || code === 'EPERM') return `the folder ${folder} cannot be written`;
    return REASONS[code] ?? message;
  }
}
