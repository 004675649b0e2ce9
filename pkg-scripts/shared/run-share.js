// How much of a run is done, and how long the rest takes: one calculation for the terminal and the page.
import { share } from './format.js';

/** @import { Amounts } from '../types.js' */

/**
 * A table of a run, with what its plan says.
 * @typedef {object} TableShare
 * @property {number} share that is done, from 0 to 1
 * @property {bigint} [bytes] that TD stores of it
 * @property {bigint} [rows] that it has
 */

/** The weight of a table beside its data, as a part of the whole: jobs and commits take time even if a table is empty. */
const TABLE_WEIGHT = 0.1;
/** No remaining time is shown before so many seconds and such a share: the first rows say little about the rest. */
const MIN_SECONDS = 5;
const MIN_SHARE = 0.05;

/**
 * The share of a table that is done, from 0 to 1: by bytes where their total is known, because rows differ in size.
 * @param {Amounts} amounts
 */
export function tableShare({ rows, totalRows, bytes, totalBytes }) {
  if (totalBytes) return share(bytes, totalBytes);
  return totalRows ? share(rows, totalRows) : 0;
}

/**
 * The share of all tables that is done, from 0 to 1: by their bytes if the plan has those of all of them, else by rows.
 * @param {TableShare[]} tables
 */
export function runShare(tables) {
  if (tables.length === 0) return 0;
  const hasBytes = tables.every(({ bytes }) => bytes !== undefined);
  const sizes = tables.map(({ bytes = 0n, rows = 0n }) => Number(hasBytes ? bytes : rows));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const each = 1 / tables.length;
  const shares = tables.map(({ share }, index) => {
    const bySize = total === 0 ? each : (sizes[index] ?? 0) / total;
    return share * ((1 - TABLE_WEIGHT) * bySize + TABLE_WEIGHT * each);
  });
  return Math.min(
    1,
    shares.reduce((sum, share) => sum + share, 0),
  );
}

/**
 * The remaining seconds at the average speed so far; undefined while that is unknown.
 * @param {number} share that is done
 * @param {number} seconds that it took
 * @param {number} [shareBefore] share that was done before these seconds, by an earlier attempt
 */
export function secondsLeft(share, seconds, shareBefore = 0) {
  const done = share - shareBefore;
  if (seconds < MIN_SECONDS || done < MIN_SHARE || share >= 1) return undefined;
  return (seconds * (1 - share)) / done;
}
