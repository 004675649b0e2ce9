// The state of a clone: see run/run-state.js. Pure functions.
import { newTable, restartRun, startRun } from '../run/run-state.js';

/** @import { ClonedTable } from '../../pkg-scripts/types.js' */
/** @import { RunState } from '../run/run-state.js' */
/** @import { ShownPlan, ShownTable } from '../worker/calls.js' */

/** @typedef {RunState<ClonedTable> & { plan: ShownPlan }} CloneRun */

/**
 * @param {ShownPlan} plan
 * @param {number} nowMs
 * @returns {CloneRun}
 */
export function start(plan, nowMs) {
  const name = `clone of ${plan.sourceDatabase} to ${plan.destinationDatabase}`;
  return startRun({ name, doneVerb: 'copied', tables: plan.tables.map(plannedTable) }, { plan }, nowMs);
}

/**
 * Starts another attempt to copy the missing tables.
 * @param {CloneRun} run
 * @param {number} nowMs
 * @returns {CloneRun}
 */
export function retry(run, nowMs) {
  const names = new Set(missingTables(run));
  return restartRun(run, run.plan.tables.filter(({ table }) => names.has(table)).map(plannedTable), nowMs);
}

/**
 * The names of the tables that failed or were not copied yet.
 * @param {CloneRun} run
 */
export const missingTables = (run) =>
  [...run.tables.values()]
    .filter(({ state }) => state !== 'done' && state !== 'skipped')
    .map(({ table }) => table);

/** @param {ShownTable} planned */
const plannedTable = ({ table, rows, isCopied }) => newTable(table, rows, isCopied ? 'waiting' : 'skipped');
