import { compareRanges, rangeGridNow } from '../result/compare-ranges.js';
import { wasm } from '../wasm.js';

/** @import { ComparedTable, RangeComparison, RangeDifference } from '../../core.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { Sides } from './index.js' */
/** @import { Compared } from './compare.js' */

/**
 * Compares two tables by ranges of time, and the ranges that differ by hour: at most two queries a side.
 * @param {RunContext} run
 * @param {ComparedTable} task
 * @param {Sides} sides
 * @param {{ condition: string | undefined, hasChecksum: boolean }} options `hasChecksum`: whether contents are compared too, if
 *   both tables have the same columns
 * @returns {Promise<Compared & { ranges: RangeDifference[] }>}
 */
export async function compareInDetail({ calls, clock }, task, sides, { condition, hasChecksum }) {
  const columns = hasChecksum ? task.columns : undefined;
  const source = { ...sides.source, table: task.table };
  const destination = { ...sides.destination, table: task.table };
  const optionsOf = (/** @type {string | undefined} */ rows) => ({
    ...(columns && { columns }),
    ...(rows !== undefined && { condition: rows }),
  });
  const found = await compareRanges(source, destination, rangeGridNow(clock), optionsOf(condition), calls);
  const zoom = wasm.zoomIn(found, condition);
  const ranges = zoom
    ? wasm.zoomedDifferences(
        found,
        zoom,
        await compareRanges(source, destination, zoom.grid, optionsOf(zoom.condition), calls),
      )
    : found.differences;
  const { sourceRows, destinationRows } = found;
  const method = columns ? 'server' : 'count';
  return { sourceRows, destinationRows, method, ranges, differences: describe(found, ranges) };
}

/**
 * @param {RangeComparison} found
 * @param {RangeDifference[]} ranges
 */
function describe({ sourceRows, destinationRows }, ranges) {
  if (sourceRows !== destinationRows) {
    return [`${sourceRows} rows in the source, ${destinationRows} in the destination`];
  }
  return ranges.length > 0 ? ['the contents differ'] : [];
}
