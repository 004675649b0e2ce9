// The methods for exports.
import {
  exportTables,
  fileSink,
  folderSink,
  inspectExport,
  memorySink,
  openPrivateFolder,
  PetitError,
} from '../../pkg-scripts/browser.js';
import { baseName } from '../../pkg-scripts/sinks/sinks.js';

/** @import { ExportPlanner, ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { CallContext } from './calls.js' */

/**
 * Where the files of an export are written: to a picked file or folder, to the origin private file system, or to
 * memory.
 * @typedef {{ type: 'file', handle: FileSystemFileHandle } | { type: 'folder', handle: FileSystemDirectoryHandle }
 *   | { type: 'private', folder: string } | { type: 'memory' }} SaveTarget
 *
 * @typedef {{ table: string, name: string, file: Blob }} ExportedFile
 *
 * @typedef {Pick<import('../../pkg-scripts/types.js').TableInfo, 'name' | 'count' | 'estimatedStorageSize'>} ListedTable
 */

/** Plans from the latest inspection. @type {ExportPlanner | undefined} */
let planner;

export const exportCalls = {
  /**
   * Lists the tables of the database, for `planExport`.
   * @param {Pick<ExportRequest, 'account' | 'database'>} request
   * @param {CallContext} context
   * @returns {Promise<ListedTable[]>}
   */
  async inspectExport(request, { signal }) {
    planner = undefined;
    const { tables, plan } = await inspectExport({ ...request, signal });
    signal.throwIfAborted();
    planner = plan;
    return tables.map(({ name, count, estimatedStorageSize }) => ({ name, count, estimatedStorageSize }));
  },

  /** @param {Parameters<ExportPlanner>[0]} options */
  async planExport(options) {
    if (!planner) throw new PetitError('internal', 'planExport was called before inspectExport');
    return planner(options);
  },

  /**
   * Exports tables and returns the written files.
   * @param {{ request: ExportRequest, target: SaveTarget }} params
   * @param {CallContext} context
   * @returns {Promise<ExportedFile[]>}
   */
  async exportTables({ request, target }, context) {
    const { openSink, file } = await openTarget(target);
    const { tables } = await exportTables({ ...request, ...context, openSink });
    return Promise.all(
      tables.map(async ({ table, outputPath }) => ({
        table,
        name: baseName(outputPath),
        file: await file(outputPath),
      })),
    );
  },
};

/**
 * @param {SaveTarget} target
 * @returns {Promise<{ openSink: NonNullable<ExportRequest['openSink']>, file: (path: string) => Promise<Blob> }>}
 */
async function openTarget(target) {
  switch (target.type) {
    case 'file':
      return { openSink: fileSink(target.handle), file: () => target.handle.getFile() };
    case 'folder':
      return {
        openSink: folderSink(target.handle),
        file: async (path) => (await target.handle.getFileHandle(baseName(path))).getFile(),
      };
    case 'private':
      // One folder per run: the browser may still be downloading files of the previous run.
      return openPrivateFolder(target.folder);
    case 'memory': {
      const { openSink, file } = memorySink();
      return { openSink, file: async (path) => file(path) ?? new Blob() };
    }
  }
}
