// What the page can ask of the library about exports.
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
/** @import { Call } from './calls.js' */

/**
 * Where the files of a run go: what the user picked, the origin's own files, or memory.
 * @typedef {{ is: 'file', handle: FileSystemFileHandle } | { is: 'folder', handle: FileSystemDirectoryHandle }
 *   | { is: 'private' } | { is: 'memory' }} Place
 *
 * @typedef {{ table: string, name: string, file: Blob }} ExportedFile
 *
 * @typedef {Pick<import('../../pkg-scripts/types.js').TableInfo, 'name' | 'count' | 'estimatedStorageSize'>} ListedTable
 */

/** The latest survey, to plan as often as options change. @type {ExportPlanner | undefined} */
let planner;

export const exportCalls = {
  /**
   * Looks at the database; `planExport` then plans.
   * @param {Pick<ExportRequest, 'account' | 'database'>} request
   * @param {Call} call
   * @returns {Promise<ListedTable[]>}
   */
  async surveyExport(request, { signal }) {
    planner = undefined;
    const { tables, plan } = await inspectExport({ ...request, signal });
    signal.throwIfAborted();
    planner = plan;
    return tables.map(({ name, count, estimatedStorageSize }) => ({ name, count, estimatedStorageSize }));
  },

  /** @param {Parameters<ExportPlanner>[0]} options */
  async planExport(options) {
    if (!planner) throw new PetitError('internal', 'a plan was asked for before the survey');
    return planner(options);
  },

  /**
   * Exports, and gives the files, which are where the user wanted them.
   * @param {{ request: ExportRequest, place: Place }} order
   * @param {Call} call
   * @returns {Promise<ExportedFile[]>}
   */
  async exportTables({ request, place }, call) {
    const { openSink, file } = await sinkAt(place);
    const { tables } = await exportTables({ ...request, ...call, openSink });
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
 * @param {Place} place
 * @returns {Promise<{ openSink: NonNullable<ExportRequest['openSink']>, file: (path: string) => Promise<Blob> }>}
 */
async function sinkAt(place) {
  switch (place.is) {
    case 'file':
      return { openSink: fileSink(place.handle), file: () => place.handle.getFile() };
    case 'folder':
      return {
        openSink: folderSink(place.handle),
        file: async (path) => (await place.handle.getFileHandle(baseName(path))).getFile(),
      };
    case 'private':
      // A folder for each run: files of an earlier one may still be on their way to the downloads.
      return openPrivateFolder();
    case 'memory': {
      const { openSink, file } = memorySink();
      return { openSink, file: async (path) => file(path) ?? new Blob() };
    }
  }
}
