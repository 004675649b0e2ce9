import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { journaledFiles } from './journal.js';
import { filePath, manifestPath, readManifest } from './manifest.js';
import { whyNotReplaceable } from './partials-folder.js';
import { findForeignFile } from './replace-folder.js';
import { FolderCache, findConflict, findTarget, whyNotWritable } from './target.js';

/** @import { ExportOutput } from '../../core.js' */
/** @import { ExistingOutput } from '../../types.js' */

/** Outputs that are inspected at a time. */
const MAX_PARALLEL = 64;

/** @typedef {Pick<ExportOutput, 'outputPath' | 'partitioning' | 'isSet' | 'isUpdate'>} Output */

/**
 * What is at the output paths of a plan. Changes nothing.
 * @param {Output[]} tasks
 * @returns {Promise<ExistingOutput[]>}
 */
export async function inspectOutputs(tasks) {
  /** @type {ExistingOutput[]} */
  const found = [];
  const folders = new FolderCache();
  for (let at = 0; at < tasks.length; at += MAX_PARALLEL) {
    const next = tasks.slice(at, at + MAX_PARALLEL);
    found.push(...(await Promise.all(next.map((task) => inspectOutput(task, folders)))));
  }
  return found;
}

/**
 * @param {Output} task
 * @param {FolderCache} folders
 * @returns {Promise<ExistingOutput>}
 */
async function inspectOutput({ outputPath, partitioning, isSet, isUpdate }, folders) {
  const { kind, reason, path } = await findTarget(outputPath, folders);
  /** @type {ExistingOutput} */
  const output = { path: outputPath, kind, ...(reason !== undefined && { reason }) };
  if (!(partitioning || isSet) || (kind !== 'folder' && kind !== 'absent')) return output;
  const why = partitioning ? undefined : await whyNotReplaceable(path);
  if (why !== undefined) return { ...output, kind: 'unusable', reason: why };
  try {
    return {
      ...output,
      ...(await inspectFolder(outputPath, path, { key: partitioning?.key, isSet, isUpdate })),
    };
  } catch (error) {
    if (!(error instanceof PetitError)) throw error;
    return { ...output, kind: 'unusable', reason: error.message };
  }
}

/**
 * @param {string} shown
 * @param {string} path
 * @param {{ key: string | undefined, isSet: boolean, isUpdate: boolean }} layout `key`: of the partitions
 */
async function inspectFolder(shown, path, { key, isSet, isUpdate }) {
  const manifest = manifestPath(shown);
  const target = await findTarget(manifest);
  const reason = target.kind === 'folder' ? 'it is a folder' : target.reason;
  if (reason !== undefined) throw new PetitError('cannot_write', `its manifest ${manifest}: ${reason}`);
  const listed = await readManifest(manifest);
  const unfinished = await journaledFiles(manifest);
  const own = new Set([...(listed ?? []), ...unfinished]);
  const parts = key === undefined ? [''] : await partitionFolders(path, key);
  const foreign = await foreignFiles(path, parts, own, isSet);
  const ownConflicts = await conflictsOf(path, [...own], own);
  // A folder without partitions is replaced in any case.
  const conflicts = key === undefined ? [...ownConflicts, ...foreign] : ownConflicts;
  const inShown = (/** @type {string} */ file) => join(shown, file);
  return {
    ...(listed && {
      manifest: {
        path: manifest,
        files: listed,
        ...(isUpdate && { text: await readFile(manifest, 'utf8') }),
      },
    }),
    unfinished: [...new Set(unfinished)].filter((file) => !listed?.includes(file)),
    unlisted: key === undefined ? [] : foreign.map(inShown),
    conflict: conflicts.map(inShown)[0],
  };
}

/**
 * What is in the way of the partitions' files and is not petit's.
 * @param {string} path
 * @param {string[]} parts folders within the folder
 * @param {Set<string>} own
 * @param {boolean} isSet
 */
async function foreignFiles(path, parts, own, isSet) {
  const firstFiles = parts.map((part) => filePath(part, 0)).filter((file) => !own.has(file));
  const inTheWay = isSet
    ? await Promise.all(parts.map((part) => findForeignFile(join(path, part), part, own)))
    : await conflictsOf(path, firstFiles, own);
  return inTheWay.flatMap((file) => file ?? []);
}

/**
 * @param {string} path
 * @param {string[]} files
 * @param {Set<string>} own
 */
async function conflictsOf(path, files, own) {
  const found = await Promise.all(files.map((file) => findConflict(path, file, own.has(file))));
  return found.flatMap((file) => file ?? []);
}

/**
 * The folders of partitions in a folder.
 * @param {string} folder
 * @param {string} key
 */
async function partitionFolders(folder, key) {
  // A folder that does not exist has none. One that cannot be read has had its check already.
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(`${key}=`));
}

/**
 * Why no file can be created in a folder, which petit creates if it does not exist.
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
export async function whyNoFileIn(folder) {
  const target = await findTarget(join(folder, '_'));
  if (target.kind !== 'unusable') return undefined;
  return target.reason ?? (await whyNotWritable(dirname(target.path)));
}
