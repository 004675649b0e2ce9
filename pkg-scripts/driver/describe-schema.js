import { toPetitError } from './errors.js';
import { DEFAULTS } from './run/options.js';
import { instantiate, wasm } from './wasm.js';

/** @import { ColumnTypes, InvalidUtf8, Platform } from '../types.js' */

/**
 * Returns what the columns of a result become in a Parquet file.
 * @param {Platform} platform
 * @param {string} schema the job's `hive_result_schema`
 * @param {{ invalidUtf8?: InvalidUtf8 }} options
 * @returns {Promise<ColumnTypes[]>}
 */
export async function describeSchema(platform, schema, { invalidUtf8 = DEFAULTS.invalidUtf8 }) {
  await instantiate(await platform.loadWasm());
  try {
    return wasm.describeSchema(schema, { invalidUtf8 }).columns;
  } catch (error) {
    throw toPetitError(error);
  }
}
