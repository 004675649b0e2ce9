import { runClone } from './driver/run-clone.js';
import { runExport } from './driver/run-export.js';
import { nodePlatform } from './node-platform.js';

export { PetitError } from './driver/errors.js';

/** @import { CloneRequest } from './driver/run-clone.js' */
/** @import { ExportRequest } from './driver/run-export.js' */

/**
 * Clones a database into another account, site or name.
 * @param {CloneRequest} request
 */
export const cloneDatabase = (request) => runClone(nodePlatform, request);

/**
 * Exports tables, a query or a finished job's result to Parquet files.
 * @param {ExportRequest} request
 */
export const exportTables = (request) => runExport(nodePlatform, request);
