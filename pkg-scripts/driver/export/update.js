import { PetitError, toPetitError } from '../errors.js';
import { fetchSmallResult } from '../result/query.js';
import { sinkContext } from '../run/run.js';
import { wasm } from '../wasm.js';

/** @import { FolderUpdate } from '../../core.js' */
/** @import { ExportSummary } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TableList, TdClient } from '../td/client.js' */
/** @import { PartitionedTask } from './parts.js' */

/** What a comparison of a folder needs of a run.
 * @typedef {RunContext & { source: TdClient, tables?: TableList | undefined }} ComparisonRun */

/**
 * Compares the partitions of a table with those of its folder, by one query. Writes nothing.
 * @param {ComparisonRun} run
 * @param {PartitionedTask} task
 * @returns {Promise<FolderUpdate>}
 */
export async function compareFolder(run, task) {
  const { platform, calls, source, tables } = run;
  if (!platform.readFolder) {
    throw new PetitError('invalid_option', 'an update needs a folder, which the target of the files has not');
  }
  const { database, table, sql, slicesSql, partitioning, sliceRows, hasCondition, isView, outputPath } = task;
  const state = await platform.readFolder(outputPath, sinkContext(run));
  const counts = await fetchSmallResult(source, database, slicesSql, calls);
  const update = wasm.planFolderUpdate(counts, partitioning, sliceRows, { sql, hasCondition }, state);
  const { tableSchema } = update;
  if (!isView && tables && tableSchema !== undefined && tableSchema !== tables.schemaText(table)) {
    throw otherColumns();
  }
  return update;
}

/**
 * Adds to the tasks of a dry run what the update would do.
 * @param {RunContext & { source: TdClient, tables?: TableList | undefined }} run
 * @param {Pick<ExportSummary, 'database' | 'tasks' | 'problems'>} plan
 */
export async function addUpdates(run, { database, tasks, problems }) {
  for (const task of tasks.filter(({ isUpdate }) => isUpdate)) {
    try {
      const update = await compareFolder(run, /** @type {PartitionedTask} */ (task));
      Object.assign(task, { overwrites: update.overwrites, update: updateOf(update) });
    } catch (thrown) {
      const error = toPetitError(thrown, { database, table: task.table });
      if (!(error instanceof PetitError)) throw error;
      problems.push({ code: error.code, table: task.table, message: error.message });
    }
  }
}

/**
 * What an update does, for people and events.
 * @param {FolderUpdate} update
 */
const updateOf = ({ changed, kept, removed }) => ({
  changed: changed.map(({ partition, reason, files }) => ({
    ...{ partition: partition.folder, reason, rows: partition.rows },
    exportedRows: files.reduce((sum, { rows }) => sum + rows, 0n),
  })),
  ...{ kept: kept.length, removed: removed.length },
});

/** The columns of the table are not those of the folder's files. */
export function otherColumns() {
  const message = 'the columns of the table are not those of the files in the folder';
  const hint = 'Export the folder again, with --overwrite instead of --update.';
  return new PetitError('result_changed', message, { hint });
}
