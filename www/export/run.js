import { baseName } from '../../pkg-scripts/sinks/sinks.js';
import { closeFile, openFile } from '../parquet/open-file.js';
import { RunController } from '../run/run-controller.js';
import { call } from '../worker/rpc-client.js';
import { database, request, runnablePlan } from './export-state.js';
import { saveExportRecord } from './record.js';
import { start } from './run-state.js';
import { pickTarget, updateSupport } from './save-target.js';

/** @import { ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { ExportedFile, SaveTarget } from '../worker/export-calls.js' */
/** @import { ExportRun } from './run-state.js' */

/** @type {RunController<ExportRun>} */
export const exportRun = new RunController(saveExportRecord);

/** Asks where to save the files, then starts the plan that is shown. */
export async function startExport() {
  const plan = runnablePlan.peek();
  const exportRequest = request.peek();
  if (!plan || !exportRequest) return;
  const target = await pickTarget(plan.tasks.map(({ outputPath }) => baseName(outputPath)));
  if (!target) return;
  const isDownload = target.type === 'private' || target.type === 'memory';
  const run = start(database.peek(), plan, { isDownload, nowMs: Date.now() });
  await execute(run, exportRequest, target);
}

/**
 * @param {ExportRun} run
 * @param {ExportRequest} exportRequest
 * @param {SaveTarget} target
 */
async function execute(run, exportRequest, target) {
  await exportRun.execute(run, async (options) => ({
    files: await call('exportTables', { request: exportRequest, target }, options),
  }));
  const files = exportRun.run.peek()?.files ?? [];
  if (run.isDownload) for (const file of files) download(file);
  if (files.length === 1 && files[0]) openFile(files[0].name, files[0].file);
  updateSupport();
}

/** Closes the finished run, so that the plan is shown again. */
export function closeExport() {
  if (exportRun.isRunning.peek()) return;
  exportRun.close();
  closeFile();
}

/**
 * Downloads a file. The browser copies it from its private storage or from memory.
 * @param {ExportedFile} exported
 */
export function download({ name, file }) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
}
