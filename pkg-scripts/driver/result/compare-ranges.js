import { PetitError, toPetitError } from '../errors.js';
import { wasm } from '../wasm.js';
import { fetchSmallResult } from './query.js';

/** @import { Column, RangeComparison, RangeCount, RangeGrid } from '../../core.js' */
/** @import { Clock } from '../../types.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */

/**
 * A table whose rows are counted by ranges of `time`.
 * @typedef {object} RangeSide
 * @property {TdClient} td
 * @property {string} database
 * @property {string} table
 */

/**
 * What both sides have in common.
 * @typedef {object} RangeOptions
 * @property {Column[]} [columns] of which the rows of each range get a checksum; default: rows are only counted
 * @property {string} [condition] SQL; default: all rows
 * @property {string} [sourceCondition] SQL of the rows of the source that the destination has, such as a sample; default: all rows
 */

/**
 * The ranges for the time of now: shorter ones for newer rows.
 * @param {Clock} clock
 * @returns {RangeGrid}
 */
export const rangeGridNow = (clock) => wasm.rangeGridAt(BigInt(Math.floor(clock.unixMs() / 1000)));

/**
 * Counts the rows of a table by range, with one query.
 * @param {RangeSide} side
 * @param {RangeGrid} grid
 * @param {RangeOptions} options
 * @param {CallContext} calls
 * @returns {Promise<RangeCount[]>} in the order of time
 */
export async function countRanges(side, grid, options, calls) {
  return wasm.readRangeCounts(await fetchCounts(side, grid, options, calls), grid);
}

/**
 * Compares two tables by range, with one query a side.
 * @param {RangeSide} source
 * @param {RangeSide} destination
 * @param {RangeGrid} grid
 * @param {RangeOptions} options
 * @param {CallContext} calls
 * @returns {Promise<RangeComparison>}
 */
export async function compareRanges(source, destination, grid, options, calls) {
  const [ofSource, ofDestination] = await Promise.all([
    ofSide('source', fetchCounts(source, grid, options, calls)),
    ofSide('destination', fetchCounts(destination, grid, options, calls)),
  ]);
  return wasm.compareRanges(ofSource, ofDestination, grid);
}

/**
 * As {@link compareRanges}, with a range that ends after the latest row of the destination. So the rows of an hour that came
 * after the last copy are a range without rows in the destination. The destination is queried first.
 * @param {RangeSide} source
 * @param {RangeSide} destination
 * @param {RangeGrid} grid
 * @param {RangeOptions} options
 * @param {CallContext} calls
 * @returns {Promise<RangeComparison>}
 */
export async function compareWithCopy(source, destination, grid, options, calls) {
  const ofDestination = await ofSide('destination', fetchCounts(destination, grid, options, calls));
  const cut = wasm.cutRangeGrid(grid, ofDestination);
  const ofSource = await ofSide('source', fetchCounts(source, cut, sourceOptions(options), calls));
  return wasm.compareRanges(ofSource, ofDestination, cut);
}

/**
 * The options of the query of the source.
 * @param {RangeOptions} options
 * @returns {RangeOptions}
 */
function sourceOptions({ condition, sourceCondition, ...options }) {
  const conditions = [condition, sourceCondition].filter((part) => part !== undefined);
  return conditions.length > 0 ? { ...options, condition: conditions.join(' AND ') } : options;
}

/**
 * @param {RangeSide} side
 * @param {RangeGrid} grid
 * @param {RangeOptions} options
 * @param {CallContext} calls
 */
function fetchCounts({ td, database, table }, grid, { columns, condition }, calls) {
  const sql = wasm.rangeCountsSql(database, table, columns, condition, grid);
  return fetchSmallResult(td, database, sql, calls);
}

/**
 * Adds the side to an error.
 * @template T
 * @param {string} name
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
async function ofSide(name, work) {
  try {
    return await work;
  } catch (thrown) {
    const error = toPetitError(thrown);
    if (error instanceof PetitError) error.message = `the ${name}: ${error.message}`;
    throw error;
  }
}
