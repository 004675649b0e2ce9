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
import { firstRowsSql } from '../export/first-rows-sql.js';
import { readParquet } from '../parquet/read-parquet.js';

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
 * @typedef {Pick<import('../parquet/read-parquet.js').ParquetSummary, 'columns' | 'firstRows'>} FirstRowsOfQuery
 *
 * @typedef {Pick<import('../../pkg-scripts/types.js').TableInfo, 'name' | 'count' | 'estimatedStorageSize'>} ListedTable
 */

/** Plans from the latest inspection. @type {ExportPlanner | undefined} */
let planner;
/** The columns of the tables of the latest inspection. @type {Record<string, string[]>} */
let columnsOfTables = {};

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
    columnsOfTables = Object.fromEntries(
      tables.map(({ name, columns }) => [name, ['time', ...columns.map(({ key, alias = key }) => alias)]]),
    );
    return tables.map(({ name, count, estimatedStorageSize }) => ({ name, count, estimatedStorageSize }));
  },

  /** The names that the SQL editor completes. */
  listColumns: async () => columnsOfTables,

  /**
   * Runs a query for its first rows, which stay in memory. They become a Parquet file, as in an export, so that the page
   * shows the types and values that the export will have.
   * @param {Pick<ExportRequest, 'account' | 'database'> & { query: string }} request
   * @param {CallContext} context
   * @returns {Promise<FirstRowsOfQuery>}
   */
  async firstRows({ query, ...request }, context) {
    const { openSink, file } = memorySink();
    const { tables, errors } = await exportTables({
      ...{ ...request, ...context, openSink },
      ...{ query: firstRowsSql(query), output: 'query.parquet', invalidUtf8: 'replace', workers: 0 },
    });
    const [exported] = tables;
    if (!exported) throw errors[0] ?? new PetitError('internal', 'the query was not run');
    const { columns, firstRows } = await readParquet(file(exported.outputPath) ?? new Blob());
    return { columns, firstRows };
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
