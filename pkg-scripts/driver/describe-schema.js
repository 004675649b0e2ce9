import { toPetitError } from './errors.js';
import { instantiate } from './wasm.js';

/** @import { Platform } from './types.js' */

/**
 * @typedef {object} ColumnTypes
 * @property {string} name
 * @property {string} tdType as Treasure Data writes it
 * @property {string} arrowType that the Parquet file has
 */

/**
 * What the columns of a result become in a Parquet file.
 * @param {Platform} platform
 * @param {string} schema the job's `hive_result_schema`
 * @param {{ invalidUtf8?: 'error' | 'replace' | 'binary' }} options
 * @returns {Promise<ColumnTypes[]>}
 */
export async function describeSchema(platform, schema, { invalidUtf8 = 'error' }) {
  const wasm = instantiate(await platform.loadWasm());
  try {
    return wasm.describeSchema(schema, { invalidUtf8 }).columns;
  } catch (error) {
    throw toPetitError(error);
  }
}
