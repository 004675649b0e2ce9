import { PetitError } from '../errors.js';
import { withSignal } from '../run/run.js';
import { mapOrAbort } from '../utils/map-or-abort.js';
import { fileMetadata } from './file-metadata.js';
import { manifestOf } from './manifest.js';
import { partsOf } from './parts.js';
import { exportFiles } from './write-file.js';

/** @import { ExportTask, Folder } from '../../types.js' */
/** @import { Part } from './parts.js' */
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
  const folder = await platform.openFolder(task.outputPath, { overwrite, isSet });
  try {
    const parts = await partsOf(run, task);
    // First: a file that is in the way should not cost a job for each part.
    await folder.checkParts(parts.map((part) => part.folder));
    const exported = await exportParts(run, task, parts, folder);
    run.signal.throwIfAborted();
    await folder.publish(manifestOf(task, exported, startedAt));
    return totalsOf(exported);
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
  checkSchemas(exported);
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
    ...(fileSize !== undefined && { fileSize }),
  });
  const files = written.files.map(({ rows, bytes, sink }) => {
    const { path, sha256 } = sink;
    return { path, rows, bytes, sha256: sha256() };
  });
  return { ...part, ...written, files };
}

/** Readers take files with different columns for a broken table.
 * @param {ExportedPart[]} parts */
function checkSchemas(parts) {
  const other = parts.find(({ schema }) => schema !== parts[0]?.schema);
  if (!other) return;
  const message = 'the table’s columns changed between two of its partitions';
  throw new PetitError('result_changed', message, { job: other.jobs[0] });
}

/** @param {ExportedPart[]} parts */
function totalsOf(parts) {
  const jobs = parts.flatMap((part) => part.jobs);
  const sum = (/** @type {'rows' | 'bytes' | 'downloadedBytes'} */ field) =>
    parts.reduce((total, part) => total + part[field], 0n);
  const files = parts.reduce((total, part) => total + part.files.length, 0);
  return {
    ...{ rows: sum('rows'), bytes: sum('bytes'), downloadedBytes: sum('downloadedBytes') },
    ...{ files, notes: parts[0]?.notes ?? [], job: jobs[0] ?? '', jobs },
  };
}
