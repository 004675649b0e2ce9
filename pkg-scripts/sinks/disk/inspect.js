import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { journaledFiles } from './journal.js';
import { manifestPath, readManifest } from './manifest.js';
import { FolderCache, findConflict, findTarget, whyNotWritable } from './target.js';

/** @import { ExistingOutput, ExportTask } from '../../types.js' */

/** Outputs that are inspected at a time. */
const MAX_PARALLEL = 64;
/** The file of a partition. */
const PARTITION_FILE = 'part-0.parquet';

/**
 * What is at the output paths of a plan. Changes nothing.
 * @param {Pick<ExportTask, 'outputPath' | 'partitioning'>[]} tasks
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
 * @param {Pick<ExportTask, 'outputPath' | 'partitioning'>} task
 * @param {FolderCache} folders
 * @returns {Promise<ExistingOutput>}
 */
async function inspectOutput({ outputPath, partitioning }, folders) {
  const { kind, reason, path } = await findTarget(outputPath, folders);
  /** @type {ExistingOutput} */
  const output = { path: outputPath, kind, ...(reason !== undefined && { reason }) };
  if (!partitioning || (kind !== 'folder' && kind !== 'absent')) return output;
  try {
    return { ...output, ...(await inspectFolder(outputPath, path, partitioning.key)) };
  } catch (error) {
    if (!(error instanceof PetitError)) throw error;
    return { ...output, kind: 'unusable', reason: error.message };
  }
}

/**
 * @param {string} shown
 * @param {string} path
 * @param {string} key of the partitions
 */
async function inspectFolder(shown, path, key) {
  const manifest = manifestPath(shown);
  const target = await findTarget(manifest);
  const reason = target.kind === 'folder' ? 'it is a folder' : target.reason;
  if (reason !== undefined) throw new PetitError('cannot_write', `its manifest ${manifest}: ${reason}`);
  const listed = await readManifest(manifest);
  const unfinished = await journaledFiles(manifest);
  const own = new Set([...(listed ?? []), ...unfinished]);
  const files = new Set([...own, ...(await partitionFiles(path, key))]);
  const found = await Promise.all(
    [...files].map(async (file) => {
      const conflict = await findConflict(path, file, own.has(file));
      return conflict === undefined ? [] : [{ path: join(shown, conflict), isOwn: own.has(file) }];
    }),
  );
  const conflicts = found.flat();
  return {
    ...(listed && { manifest: { path: manifest, files: listed } }),
    unfinished: [...new Set(unfinished)].filter((file) => !listed?.includes(file)),
    unlisted: conflicts.filter(({ isOwn }) => !isOwn).map(({ path }) => path),
    conflict: conflicts.find(({ isOwn }) => isOwn)?.path,
  };
}

/**
 * The files for whose partitions there is something in the folder.
 * @param {string} folder
 * @param {string} key
 */
async function partitionFiles(folder, key) {
  // A folder that does not exist has none. One that cannot be read has had its check already.
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(`${key}=`)).map((name) => `${name}/${PARTITION_FILE}`);
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
