import { PetitError } from '../errors.js';
import { JobResult } from '../result/job-result.js';
import { fetchSmallResult } from '../result/query.js';
import { withSignal } from '../run/run.js';
import { mapOrAbort } from '../utils/map-or-abort.js';
import { wasm } from '../wasm.js';
import { exportFile, fileMetadata } from './write-file.js';

/** @import { Partition } from '../../core.js' */
/** @import { ExportTask, Folder } from '../../types.js' */
/** @import { TableRun } from './table.js' */

/** Version of the manifest's format. */
const MANIFEST_VERSION = 1;

/**
 * A partition that was exported.
 * @typedef {Partition & Awaited<ReturnType<typeof exportFile>> & { sha256: string }} PartitionFile
 */

/** The task of a table that is partitioned.
 * @typedef {ExportTask & Required<Pick<ExportTask, 'sql' | 'slicesSql' | 'partitioning'>>} PartitionedTask */

/**
 * @param {ExportTask} task
 * @returns {task is PartitionedTask}
 */
export const isPartitioned = (task) => task.partitioning !== undefined;

/**
 * Exports a table to a folder of files, one for each partition, and a manifest that lists them. The files get their names
 * when all of them are complete.
 * @param {TableRun} run
 * @param {PartitionedTask} task
 */
export async function exportPartitions(run, task) {
  const { platform, overwrite } = run;
  if (!platform.openFolder) {
    throw new PetitError(
      'invalid_option',
      'partitions need folders, which the target of the files does not support',
    );
  }
  const startedAt = new Date().toISOString();
  const folder = await platform.openFolder(task.outputPath, { overwrite });
  try {
    const partitions = await listPartitions(run, task);
    // First: a file that is in the way should not cost a job for each partition.
    await folder.checkPaths(partitions.map(({ path }) => path));
    const files = await exportFiles(run, task, partitions, folder);
    run.signal.throwIfAborted();
    await folder.publish(manifestOf(task, files, startedAt));
    return totalsOf(files);
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/**
 * @param {TableRun} run
 * @param {PartitionedTask} task
 * @returns {Promise<Partition[]>}
 */
async function listPartitions({ source, calls, progress }, task) {
  const { database, sql, slicesSql, partitioning, sliceRows, hasCondition } = task;
  const counts = await fetchSmallResult(source, database, slicesSql, calls);
  const partitions = wasm.partitionsOf(counts, partitioning, sliceRows, { sql, hasCondition });
  progress.setTotals(partitions.reduce((sum, { rows }) => sum + rows, 0n));
  return partitions;
}

/**
 * Exports the partitions, some at a time. The first failure aborts the others.
 * @param {TableRun} run
 * @param {ExportTask} task
 * @param {Partition[]} partitions
 * @param {Folder} folder
 * @returns {Promise<PartitionFile[]>}
 */
async function exportFiles(run, task, partitions, folder) {
  const { source: td, signal, limits, progress } = run;
  const { database } = task;
  let done = 0;
  const report = () => progress.setPhase(`partition ${done} of ${partitions.length} done`);
  const options = { concurrency: limits.partitions, signal };
  const files = await mapOrAbort(partitions, options, async (partition, _, signal) => {
    const { slices } = partition;
    const fileRun = withSignal(run, signal);
    const sink = await folder.openSink(partition.path);
    const written = await exportFile(fileRun, {
      open: async () => sink,
      openResult: async () => new JobResult({ td, database, slices }, { limits, calls: fileRun.calls }),
      onResult: report,
      metadata: [...fileMetadata(run, task), ...partitionMetadata(task, partition)],
      task,
    });
    done += 1;
    report();
    return { ...partition, ...written, sha256: sink.sha256() };
  });
  checkSchemas(files);
  return files;
}

/** Readers take files with different columns for a broken table.
 * @param {PartitionFile[]} files */
function checkSchemas(files) {
  const other = files.find(({ schema }) => schema !== files[0]?.schema);
  if (!other) return;
  const message = 'the table’s columns changed between two of its partitions';
  throw new PetitError('result_changed', message, { job: other.jobs[0] });
}

/**
 * @param {ExportTask} task
 * @param {Pick<Partition, 'value'>} partition
 * @returns {[string, string][]}
 */
const partitionMetadata = ({ partitioning }, { value }) =>
  value === undefined ? [] : [['td.partition', `${partitioning?.key}=${value}`]];

/**
 * @param {ExportTask} task
 * @param {PartitionFile[]} files
 * @param {string} startedAt
 */
function manifestOf({ database, table, partitioning }, files, startedAt) {
  return {
    version: MANIFEST_VERSION,
    ...{ database, table, startedAt },
    partitioning: { ...partitioning, column: 'time', timeZone: 'UTC' },
    schema: files[0]?.schema,
    rows: files.reduce((sum, { rows }) => sum + rows, 0n),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0n),
    files: files.map(({ path, value, start, end, rows, bytes, sha256, jobs }) => ({
      ...{ path, value: value ?? null, start: start ?? null, end: end ?? null },
      ...{ rows, bytes, sha256, jobs },
    })),
  };
}

/** @param {PartitionFile[]} files */
function totalsOf(files) {
  const jobs = files.flatMap((file) => file.jobs);
  const sum = (/** @type {'rows' | 'bytes' | 'downloadedBytes'} */ field) =>
    files.reduce((total, file) => total + file[field], 0n);
  return {
    ...{ rows: sum('rows'), bytes: sum('bytes'), downloadedBytes: sum('downloadedBytes') },
    ...{ files: files.length, notes: files[0]?.notes ?? [], masks: files[0]?.masks ?? [] },
    ...{ job: jobs[0] ?? '', jobs },
  };
}
