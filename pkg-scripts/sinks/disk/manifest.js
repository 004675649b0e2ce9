import { readFile } from 'node:fs/promises';
import nodePath from 'node:path';
import { PetitError } from '../../driver/errors.js';

/** Proves that petit wrote a manifest. */
export const WRITER = 'petit';
/** The only paths that petit gives to files of partitions. Others are ignored: a manifest must not name files elsewhere. */
const PARTITION_PATH = /^[^/\\\0=]+=[^/\\\0]+\/part-\d+\.parquet$/;

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
  return partitionPaths(manifest.files.map((file) => file?.path));
}

/** @param {unknown[]} paths @returns {string[]} */
export const partitionPaths = (paths) =>
  paths.filter((path) => typeof path === 'string' && PARTITION_PATH.test(path)).map(String);
