import { interrupted, toPetitError } from '../errors.js';
import { trackTable } from '../run/progress.js';
import { sinkContext, withSignal } from '../run/run.js';
import { fileMetadata } from './file-metadata.js';
import { exportFolder, isFolder } from './folder.js';
import { openResult } from './open-result.js';
import { exportFiles } from './write-file.js';

/** @import { ErrorContext, ExportedTable, ExportTask } from '../../types.js' */
/** @import { TableProgress } from '../run/progress.js' */
/** @import { ExportRun } from './index.js' */

/** The run as one table sees it.
 * @typedef {ExportRun & { progress: TableProgress }} TableRun */

/**
 * Exports one table, query or job to a file, or to a folder of files. It appears when it is complete and has as many rows
 * as the job's result.
 * @param {ExportRun} run
 * @param {ExportTask} task
 * @returns {Promise<ExportedTable>}
 */
export async function exportTable(run, task) {
  const began = performance.now();
  const { database, table, outputPath } = task;
  /** @type {ErrorContext} */
  const context = { database, table };
  const siblings = new AbortController();
  const signal = AbortSignal.any([run.signal, siblings.signal]);
  const tableRun = trackTable(withSignal(run, signal), task);
  try {
    const exported = isFolder(task)
      ? await exportFolder(tableRun, task)
      : await exportToFile(tableRun, task, context);
    const sample = task.sample && { sample: task.sample };
    return { table, outputPath, ...exported, ...sample, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    // Abort ranges and jobs in progress; otherwise they keep the process alive and keep retrying.
    siblings.abort(interrupted('the table has failed'));
    throw toPetitError(error, context);
  }
}

/**
 * @param {TableRun} run
 * @param {ExportTask} task
 * @param {ErrorContext} context gets the job when it is known
 */
async function exportToFile(run, task, context) {
  const { platform, overwrite, progress } = run;
  const { jobs, rows, bytes, downloadedBytes, notes, masks } = await exportFiles(run, {
    open: () => platform.openSink(task.outputPath, { ...sinkContext(run), overwrite }),
    openResult: () => openResult(run, task),
    onResult: ({ numRecords, resultSize }, { jobId }) => {
      context.job = jobId;
      progress.setTotals(numRecords, resultSize);
      progress.setPhase('exporting');
    },
    metadata: fileMetadata(run, task),
    task,
  });
  return { ...{ rows, bytes, downloadedBytes, notes, masks }, job: jobs[0] ?? '', jobs };
}
