import { readFile } from 'node:fs/promises';
import nodePath from 'node:path';
import { PetitError } from '../../driver/errors.js';

/** Proves that petit wrote a manifest. */
export const WRITER = 'petit';
/** The only paths that petit gives to files of a folder. Others are ignored: a manifest must not name files elsewhere. */
const FILE_PATH = /^(?:[^/\\\0=]+=[^/\\\0]+\/)?part-\d+\.parquet$/;

/**
 * The path of the manifest of a folder. It lies beside the folder, because some readers refuse a folder with other files.
 * @param {string} folder
 * @param {Pick<typeof nodePath, 'basename' | 'resolve' | 'sep'>} [path] of the platform
 */
export function manifestPath(folder, { basename, resolve, sep } = nodePath) {
  const isNamed = !['', '.', '..'].includes(basename(folder));
  const end = sep === '\\' ? /[/\\]+$/ : /[/]+$/;
  return `${isNamed ? folder.replace(end, '') : resolve(folder)}.manifest.json`;
}

/**
 * Reads the files that a manifest lists, as paths within the folder.
 * @param {string} path
 * @returns {Promise<string[] | undefined>} undefined if there is no manifest
 */
export async function readManifest(path) {
  try {
    return parseManifest(path, await readFile(path, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The files that a manifest lists, as paths within the folder.
 * @param {string} path for messages
 * @param {string} text
 * @returns {string[]}
 */
export function parseManifest(path, text) {
  /** @type {{ writer?: unknown, files?: unknown } | undefined} */
  let manifest;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (manifest?.writer !== WRITER || !Array.isArray(manifest.files))
    throw new PetitError('path_conflict', `${path} exists and is not a manifest of petit`);
  return filePaths(manifest.files.map((file) => file?.path));
}

/** @param {unknown[]} paths @returns {string[]} */
export const filePaths = (paths) =>
  paths.filter((path) => typeof path === 'string' && FILE_PATH.test(path)).map(String);

/**
 * The path of a file within the folder.
 * @param {string} folder of its partition; empty if there are no partitions
 * @param {number} index among the files of the partition
 */
export const filePath = (folder, index) => `${folder && `${folder}/`}part-${index}.parquet`;

/**
 * The folder of a file's partition; empty if there is none.
 * @param {string} path within the folder
 */
export const partOfPath = (path) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
