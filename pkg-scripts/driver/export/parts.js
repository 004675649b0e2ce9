import { JobResult } from '../result/job-result.js';
import { fetchSmallResult } from '../result/query.js';
import { wasm } from '../wasm.js';
import { openResult } from './open-result.js';

/** @import { Partition } from '../../core.js' */
/** @import { ExportTask } from '../../types.js' */
/** @import { Result } from '../result/job-result.js' */
/** @import { TableRun } from './table.js' */

/** The task of a table that is partitioned.
 * @typedef {ExportTask & Required<Pick<ExportTask, 'sql' | 'slicesSql' | 'partitioning'>>} PartitionedTask */

/**
 * Rows that have files of their own: a partition, or all rows.
 * @typedef {object} Part
 * @property {string} folder in which its files are, within the table's folder; empty for that folder
 * @property {string | undefined} [value] of the partition's key
 * @property {number | undefined} [start] in Unix seconds (inclusive)
 * @property {number | undefined} [end] in Unix seconds (exclusive)
 * @property {string | undefined} [checksum] of its rows in TD
 * @property {(run: TableRun) => Promise<Result>} openResult
 * @property {[string, string][]} metadata of its files
 */

/**
 * @param {ExportTask} task
 * @returns {task is PartitionedTask}
 */
export const isPartitioned = (task) => task.partitioning !== undefined;

/**
 * @param {TableRun} run
 * @param {ExportTask} task
 * @returns {Promise<Part[]>}
 */
export async function listParts(run, task) {
  if (!isPartitioned(task)) return [wholePart(task)];
  const partitions = await listPartitions(run, task);
  return partitions.map((partition) => partOf(task, partition));
}

/** @param {ExportTask} task @returns {Part} */
const wholePart = (task) => ({
  folder: '',
  openResult: (run) => openResult(run, task),
  metadata: [],
});

/**
 * @param {PartitionedTask} task
 * @param {Partition} partition
 * @returns {Part}
 */
export function partOf({ database, partitioning }, { folder, value, start, end, checksum, slices }) {
  return {
    ...{ folder, value, start, end, checksum },
    openResult: async ({ source: td, limits, calls }) =>
      new JobResult({ td, database, slices }, { limits, calls }),
    metadata: value === undefined ? [] : [['td.partition', `${partitioning.key}=${value}`]],
  };
}

/**
 * @param {TableRun} run
 * @param {PartitionedTask} task
 * @returns {Promise<Partition[]>}
 */
async function listPartitions({ source, calls, progress }, task) {
  const { database, sql, slicesSql, partitioning, sliceRows, hasCondition, limit } = task;
  const counts = await fetchSmallResult(source, database, slicesSql, calls);
  const statements = { sql, hasCondition, ...(limit !== undefined && { limit }) };
  const partitions = wasm.partitionsOf(counts, partitioning, sliceRows, statements);
  progress.setTotals(partitions.reduce((sum, { rows }) => sum + rows, 0n));
  return partitions;
}
