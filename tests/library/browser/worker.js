import {
  checkAccount,
  exportTables,
  fileSink,
  folderSink,
  memorySink,
  openPrivateFolder,
} from '../../../pkg-scripts/browser.js';
import { interrupted, toPetitError } from '../../../pkg-scripts/driver/errors.js';

/** @type {AbortController | undefined} */
let running;
/** @type {Awaited<ReturnType<typeof openPrivateFolder>> | undefined} */
let folder;
/** The bytes downloaded by the latest export. */
let downloaded = 0;

/** @param {any} request */
async function runExport(request) {
  running = new AbortController();
  downloaded = 0;
  const { signal } = running;
  const onEvent = (/** @type {any} */ event) => {
    if (event.type === 'progress') downloaded = event.bytes;
  };
  const { tables, errors, seconds } = await exportTables({ ...request, signal, onEvent });
  return { tables, errors: errors.map((error) => error.toJSON()), seconds };
}

/** @type {Record<string, (...args: any[]) => any>} */
const methods = {
  checkAccount,
  downloaded: () => downloaded,
  stop: () => running?.abort(interrupted()),

  async toPrivateFolder(request) {
    folder ??= await openPrivateFolder();
    const { openSink, file } = folder;
    const summary = await runExport({ ...request, openSink });
    const files = await Promise.all(summary.tables.map(({ outputPath }) => file(outputPath)));
    return { ...summary, files };
  },
  toFile: (request, handle) => runExport({ ...request, openSink: fileSink(handle) }),
  toFolder: (request, handle) => runExport({ ...request, openSink: folderSink(handle) }),
  async toMemory(request, limit) {
    const { openSink, file } = memorySink(limit);
    const summary = await runExport({ ...request, openSink });
    return { ...summary, files: summary.tables.map(({ outputPath }) => file(outputPath)) };
  },
  withoutSink: runExport,
};

self.onmessage = async ({ data: { id, name, args } }) => {
  try {
    self.postMessage({ id, value: await methods[name]?.(...args) });
  } catch (thrown) {
    const error = /** @type {any} */ (toPetitError(thrown));
    const { name, message } = error;
    self.postMessage({ id, error: error.toJSON?.() ?? { name, message } });
  }
};
