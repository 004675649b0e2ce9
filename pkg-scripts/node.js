import { runExport } from './driver/run-export.js';
import { nodePlatform } from './node-platform.js';

export { PetitError } from './driver/errors.js';

/** @import { ExportRequest } from './driver/run-export.js' */

/**
 * Exports tables, a query or a finished job's result to Parquet files.
 * @param {ExportRequest} request
 */
export const exportTables = (request) => runExport(nodePlatform, request);
