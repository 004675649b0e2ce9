import pLimit from 'p-limit';
import { interrupted, PetitError } from '../errors.js';
import { SlicedResult } from '../result/job-result.js';
import { smallResult } from '../td/idempotent.js';
import { toJson } from '../utils/bigint-json.js';
import { exportFile } from './table.js';

/** @import { ExportContext, ExportOptions, ExportTask } from './table.js' */
/** @import { Slice } from '../result/job-result.js' */
/** @import { TableProgress } from '../run/progress.js' */
/** @import { Folder } from '../types.js' */

/** Version of the manifest's format. */
const MANIFEST_VERSION = 1;
/** Readers of partitions pass over files that begin so. */
const MANIFEST = '_manifest.json';

/**
 * A partition as planned.
 * @typedef {object} Partition
 * @property {string} path of its file in the table's folder
 * @property {string} [value] what its rows have in common; none if they have no time
 * @property {number} [start] Unix seconds
 * @property {number} [end] Unix seconds, excluded
 * @property {bigint} rows when they were counted
 * @property {Slice[]} slices
 */

/**
 * Exports a table into a folder of files, one for each partition, and a manifest that lists them. The folder appears when
 * all of them are complete.
 * @param {ExportContext} context
 * @param {ExportTask} task
 * @param {ExportOptions} options
 * @param {TableProgress} progress
 */
export async function exportPartitions(context, task, options, progress) {
  const { platform } = context;
  if (!platform.openFolder) {
    throw new PetitError(
      'invalid_option',
      'partitions need folders, which cannot be made where the files go',
    );
  }
  const startedAt = new Date().toISOString();
  const folder = await platform.openFolder(task.outputPath, options);
  try {
    const partitions = await partitionsOf(context, task, progress);
    const files = await exportAll(context, { task, partitions, folder }, options, progress);
    await writeManifest(folder, manifestOf(task, files, startedAt));
    await folder.publish();
    return summed(files);
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/**
 * @param {ExportContext} context
 * @param {ExportTask} task
 * @param {TableProgress} progress
 * @returns {Promise<Partition[]>}
 */
async function partitionsOf({ wasm, td }, task, progress) {
  const { database, sql, slicesSql = '', partitioning, sliceRows, hasCondition } = task;
  const counts = await smallResult(wasm, td, database, slicesSql, progress.run);
  const partitions = wasm.partitionsOf(counts, partitioning, sliceRows, { sql, hasCondition });
  progress.expect(
    partitions.reduce((/** @type {bigint} */ sum, /** @type {Partition} */ { rows }) => sum + rows, 0n),
  );
  return partitions;
}

/**
 * Exports the partitions, some at a time; the first that fails stops the others.
 * @param {ExportContext} context
 * @param {{ task: ExportTask, partitions: Partition[], folder: Folder }} work
 * @param {ExportOptions} options
 * @param {TableProgress} progress
 */
async function exportAll(context, { task, partitions, folder }, options, progress) {
  const { wasm, td } = context;
  const { database } = task;
  const { downloadParallelism: parallelism, tableParallelism } = options;
  const unwanted = new AbortController();
  const signal = AbortSignal.any([context.signal, unwanted.signal]);
  const limit = pLimit(tableParallelism);
  let done = 0;
  const one = async (/** @type {Partition} */ { slices, ...partition }) => {
    signal.throwIfAborted();
    const file = {
      open: () => folder.openSink(partition.path),
      ask: async () =>
        new SlicedResult({ wasm, td, database, slices, parallelism }, { ...progress.run, signal }),
      onResult: () => progress.enter(`partition ${done} of ${partitions.length} done`),
      metadata: [...task.metadata, ...partitionMetadata(task, partition)],
    };
    try {
      const written = await exportFile({ ...context, signal }, file, options, progress);
      done += 1;
      progress.enter(`partition ${done} of ${partitions.length} done`);
      return { ...partition, ...written };
    } catch (error) {
      unwanted.abort(interrupted('the table has failed'));
      throw error;
    }
  };
  const runs = await Promise.allSettled(partitions.map((partition) => limit(one, partition)));
  context.signal.throwIfAborted();
  const failed = runs.flatMap((ended) => (ended.status === 'rejected' ? [ended.reason] : []));
  if (failed.length > 0) throw failed.find(({ name }) => name !== 'AbortError') ?? failed[0];
  const files = runs.map((ended) => /** @type {any} */ (ended).value);
  checkSchemas(files);
  return files;
}

/** @typedef {Partition & Awaited<ReturnType<typeof exportFile>>} PartitionFile */

/** Files of one table have the same columns, or readers take one of them for broken.
 * @param {PartitionFile[]} files */
function checkSchemas(files) {
  const other = files.find(({ schema }) => schema !== files[0]?.schema);
  if (!other) return;
  const message = 'the table’s columns changed between two partitions of it';
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
    files: files.map(({ path, value, start, end, rows, bytes, jobs }) => ({
      ...{ path, value: value ?? null, start: start ?? null, end: end ?? null },
      ...{ rows, bytes, jobs },
    })),
  };
}

/**
 * @param {Folder} folder
 * @param {object} manifest
 */
async function writeManifest(folder, manifest) {
  const { writable } = await folder.openSink(MANIFEST);
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(`${toJson(manifest, 2)}\n`));
  await writer.close();
}

/** @param {PartitionFile[]} files */
function summed(files) {
  const jobs = files.flatMap((file) => file.jobs);
  const sum = (/** @type {'rows' | 'bytes' | 'downloadedBytes'} */ of) =>
    files.reduce((total, file) => total + file[of], 0n);
  return {
    ...{ rows: sum('rows'), bytes: sum('bytes'), downloadedBytes: sum('downloadedBytes') },
    ...{ files: files.length, notes: files[0]?.notes ?? [], job: jobs[0] ?? '', jobs },
  };
}
