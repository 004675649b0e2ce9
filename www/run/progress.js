// The progress of a run and its remaining time.
import { secondsLeft as remaining, runShare, tableShare } from '../../pkg-scripts/shared/run-share.js';

/** @import { RunState, TableRun } from './run-state.js' */

/**
 * The progress of a table, from 0 to 1: by bytes once the job has reported them, before that by rows.
 * @param {TableRun} table
 */
export const tableProgress = (table) => (table.state === 'done' ? 1 : tableShare(table));

/**
 * The progress of the run, from 0 to 1.
 * @param {RunState} run
 */
export function runProgress({ counts, tables }) {
  if (counts.waiting + counts.active === 0) return 1;
  const selected = [...tables.values()].filter(({ state }) => state !== 'skipped');
  return runShare(
    selected.map((table) => ({
      share: table.state === 'failed' ? 1 : tableProgress(table),
      rows: table.state === 'failed' ? table.rows : (table.totalRows ?? table.rows),
    })),
  );
}

/**
 * Whether no table has had a row yet: then nothing can be measured.
 * @param {Pick<RunState, 'counts' | 'rows' | 'bytes'>} run
 */
export const isWaiting = ({ counts, rows, bytes }) =>
  counts.done + counts.failed === 0 && rows === 0n && bytes === 0n;

/**
 * The jobs of Treasure Data that work on tables in progress.
 * @param {Pick<RunState, 'tables'>} run
 */
export const activeJobs = ({ tables }) =>
  [...tables.values()].flatMap(({ table, state, job, consoleUrl, phase, waitReason }) =>
    state === 'active' && job !== undefined ? [{ table, job, consoleUrl, phase: waitReason ?? phase }] : [],
  );

/**
 * The number of tables that the run copies: all but the skipped ones.
 * @param {Pick<RunState, 'counts'>} run
 */
export const selectedTables = ({ counts }) => counts.waiting + counts.active + counts.done + counts.failed;

/**
 * The remaining seconds at the average speed of the latest attempt; undefined while that is unknown.
 * @param {RunState} run
 * @param {number} nowMs
 */
export const secondsLeft = (run, nowMs) =>
  remaining(runProgress(run), (nowMs - run.startedMs) / 1000, run.startProgress);
