import { baseName } from '../../pkg-scripts/sinks/sinks.js';
import { closeFile, openFile } from '../parquet/open-file.js';
import { RunController } from '../run/run-controller.js';
import { call } from '../worker/rpc-client.js';
import { download, isDownloading } from './downloads.js';
import { database, mode, request, runnablePlan } from './export-state.js';
import { removeFile, removeFolder } from './private-files.js';
import { cancelFirstRows, queryFailure } from './query-state.js';
import { saveExportRecord } from './record.js';
import { failureOfQuery, start } from './run-state.js';
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
  const folder = target.type === 'private' ? target.folder : undefined;
  const isQuery = mode.peek() === 'query';
  const run = start(database.peek(), plan, { isQuery, isDownload, folder, nowMs: Date.now() });
  queryFailure.value = undefined;
  cancelFirstRows();
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
  const failure = failureOfQuery(exportRun.run.peek());
  if (failure) {
    // Back to the editor, which shows the reason.
    queryFailure.value = failure;
    closeExport();
    return;
  }
  const files = exportRun.run.peek()?.files ?? [];
  // Before the download, after which the file is removed.
  if (files.length === 1 && files[0]) await openFile(files[0].name, files[0].file);
  if (run.isDownload) for (const file of files) startDownload(run, file);
  updateSupport();
}

/** Closes the finished run, so that the plan is shown again. Its files can no longer be downloaded. */
export function closeExport() {
  if (exportRun.isRunning.peek()) return;
  const folder = exportRun.run.peek()?.folder;
  // Otherwise the folder is removed when the page is closed.
  if (folder && !isDownloading()) removeFolder(folder);
  exportRun.close();
  closeFile();
}

/**
 * Downloads a file, and then removes it from the browser's private storage.
 * @param {Pick<ExportRun, 'folder'>} run
 * @param {ExportedFile} exported
 */
export function startDownload({ folder }, exported) {
  download(exported, async () => {
    if (folder) await removeFile(folder, exported.name);
  });
}
