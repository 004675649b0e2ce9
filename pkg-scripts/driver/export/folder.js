import { PetitError } from '../errors.js';
import { sinkContext, withSignal } from '../run/run.js';
import { mapOrAbort } from '../utils/map-or-abort.js';
import { fileMetadata } from './file-metadata.js';
import { manifestOf } from './manifest.js';
import { isPartitioned, listParts, partOf } from './parts.js';
import { compareFolder, otherColumns } from './update.js';
import { exportFiles } from './write-file.js';

/** @import { FolderUpdate } from '../../core.js' */
/** @import { ExportTask, Folder } from '../../types.js' */
/** @import { Part, PartitionedTask } from './parts.js' */
/** @import { TableRun } from './table.js' */

/**
 * A part that was exported.
 * @typedef {Part & Omit<Awaited<ReturnType<typeof exportFiles>>, 'files'> & { files: ExportedFile[] }} ExportedPart
 *
 * @typedef {object} ExportedFile
 * @property {string} path within the folder
 * @property {bigint} rows
 * @property {bigint} bytes
 * @property {string} sha256
 */

/** @param {ExportTask} task */
export const isFolder = ({ partitioning, fileSize }) => partitioning !== undefined || fileSize !== undefined;

/**
 * Exports a table, query or job to a folder of files, and a manifest that lists them. The files get their names when all of
 * them are complete.
 * @param {TableRun} run
 * @param {ExportTask} task
 */
export async function exportFolder(run, task) {
  const { platform, overwrite } = run;
  if (!platform.openFolder) {
    const message = 'several files need a folder, which the target of the files does not support';
    throw new PetitError('invalid_option', message);
  }
  const startedAt = new Date().toISOString();
  const isSet = task.fileSize !== undefined;
  const update = isPartitioned(task) && task.isUpdate ? await compareFolder(run, task) : undefined;
  if (update && isUpToDate(update)) return totalsOf([], update);
  const folder = await platform.openFolder(task.outputPath, {
    ...sinkContext(run),
    ...{ overwrite: overwrite || !!update, isSet },
  });
  try {
    const parts = update
      ? changedParts(run, /** @type {PartitionedTask} */ (task), update)
      : await listParts(run, task);
    // First: a file that is in the way should not cost a job for each part.
    await folder.checkParts(parts.map((part) => part.folder));
    const exported = await exportParts(run, task, parts, folder);
    checkSchemas(exported, update?.schema);
    run.signal.throwIfAborted();
    const { kept = [], schema } = update ?? {};
    const content = { parts: exported, kept, startedAt, ...(schema !== undefined && { schema }) };
    await folder.publish(
      manifestOf(run, task, content),
      kept.map(({ path }) => path),
    );
    return totalsOf(exported, update);
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/**
 * Exports the parts, some at a time. The first failure aborts the others.
 * @param {TableRun} run
 * @param {ExportTask} task
 * @param {Part[]} parts
 * @param {Folder} folder
 * @returns {Promise<ExportedPart[]>}
 */
async function exportParts(run, task, parts, folder) {
  const { signal, limits, progress } = run;
  let done = 0;
  const report = () => parts.length > 1 && progress.setPhase(`partition ${done} of ${parts.length} done`);
  const options = { concurrency: limits.partitions, signal };
  const exported = await mapOrAbort(parts, options, async (part, _, siblings) => {
    const written = await exportPart(withSignal(run, siblings), task, part, folder);
    done += 1;
    report();
    return written;
  });
  return exported;
}

/**
 * @param {TableRun} run
 * @param {ExportTask} task
 * @param {Part} part
 * @param {Folder} folder
 * @returns {Promise<ExportedPart>}
 */
async function exportPart(run, task, part, folder) {
  const fileSize = task.fileSize === undefined ? undefined : Number(task.fileSize);
  const written = await exportFiles(run, {
    open: (index) => folder.openSink(part.folder, index),
    openResult: () => part.openResult(run),
    onResult: () => {},
    metadata: [...fileMetadata(run, task), ...part.metadata],
    task,
    ...(fileSize !== undefined && { fileSize }),
  });
  const files = written.files.map(({ rows, bytes, sink }) => {
    const { path, sha256 } = sink;
    return { path, rows, bytes, sha256: sha256() };
  });
  return { ...part, ...written, files };
}

/**
 * Readers take files with different columns for a broken table.
 * @param {ExportedPart[]} parts
 * @param {string} [keptSchema] of the files that stay
 */
function checkSchemas(parts, keptSchema) {
  if (keptSchema !== undefined && parts.some(({ schema }) => schema !== keptSchema)) throw otherColumns();
  const other = parts.find(({ schema }) => schema !== parts[0]?.schema);
  if (!other) return;
  const message = 'the table’s columns changed between two of its partitions';
  throw new PetitError('result_changed', message, { job: other.jobs[0] });
}

/** Whether there is nothing to export and nothing to remove.
 * @param {FolderUpdate} update */
const isUpToDate = ({ changed, removed, isRepair }) =>
  changed.length === 0 && removed.length === 0 && !isRepair;

/**
 * @param {TableRun} run
 * @param {PartitionedTask} task
 * @param {FolderUpdate} update
 */
function changedParts({ progress }, task, { changed }) {
  progress.setTotals(changed.reduce((sum, { partition }) => sum + partition.rows, 0n));
  return changed.map(({ partition }) => partOf(task, partition));
}

/**
 * @param {ExportedPart[]} parts
 * @param {FolderUpdate} [update]
 */
function totalsOf(parts, update) {
  const jobs = parts.flatMap((part) => part.jobs);
  const sum = (/** @type {'rows' | 'bytes' | 'downloadedBytes'} */ field) =>
    parts.reduce((total, part) => total + part[field], 0n);
  const files = parts.reduce((total, part) => total + part.files.length, 0);
  return {
    ...{ rows: sum('rows'), bytes: sum('bytes'), downloadedBytes: sum('downloadedBytes') },
    ...{ files, notes: parts[0]?.notes ?? [], masks: parts[0]?.masks ?? [], job: jobs[0] ?? '', jobs },
    ...(update && { kept: update.kept.length, removed: update.removed.length }),
  };
}
