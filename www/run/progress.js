// The progress of a run and its remaining time.
import { share } from '../../pkg-scripts/shared/format.js';

/** @import { RunState, TableRun } from './run-state.js' */

/**
 * The progress of a table, from 0 to 1: by bytes once the job has reported them, before that by rows.
 * @param {TableRun} table
 */
export function tableProgress({ state, rows, totalRows, bytes, totalBytes }) {
  if (state === 'done') return 1;
  if (totalBytes) return share(bytes, totalBytes);
  return totalRows ? share(rows, totalRows) : 0;
}

/** The weight of finished tables beside copied rows: jobs and commits take time even if a table is empty. */
const TABLE_WEIGHT = 0.1;

/**
 * The progress of the run, from 0 to 1.
 * @param {RunState<any>} run
 */
export function runProgress({ counts, rows, totalRows }) {
  const tables = selectedTables({ counts });
  if (tables === 0 || counts.waiting + counts.active === 0) return 1;
  const byTables = (counts.done + counts.failed) / tables;
  if (totalRows === 0n) return byTables;
  return Math.min(1, (1 - TABLE_WEIGHT) * share(rows, totalRows) + TABLE_WEIGHT * byTables);
}

/**
 * The number of tables that the run copies: all but the skipped ones.
 * @param {Pick<RunState<any>, 'counts'>} run
 */
export const selectedTables = ({ counts }) => counts.waiting + counts.active + counts.done + counts.failed;

/**
 * The remaining seconds at the average rate so far; undefined before the first rows.
 * @param {RunState<any>} run
 * @param {number} nowMs
 */
export function secondsLeft(run, nowMs) {
  const done = Number(run.rows - (run.samples[0]?.rows ?? 0n));
  const left = Number(run.totalRows - run.rows);
  return done > 0 && left > 0 ? (((nowMs - run.startedMs) / 1000) * left) / done : undefined;
}
