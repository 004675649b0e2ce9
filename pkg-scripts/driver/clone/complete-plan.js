import { plannedJobs } from '../../shared/totals.js';

/** @import * as core from '../../core.js' */
/** @import { ClonePlan, PlannedTable } from '../../types.js' */

/**
 * Adds what the plans of all commands have: the tasks, the problems and the number of jobs.
 * @param {Omit<ClonePlan, 'tasks' | 'problems' | 'jobs' | 'totals'> & Pick<core.ClonePlan, 'totals'>} plan
 * @returns {ClonePlan}
 */
export function completePlan(plan) {
  const { tables, views } = plan;
  const actions = /** @type {[core.Action, core.Totals][]} */ (Object.entries(plan.totals));
  const totals = Object.fromEntries(
    actions.map(([action, total]) => {
      return [action, { ...total, jobs: jobsOf(tables.filter((table) => table.action === action)) }];
    }),
  );
  const problems = [
    ...tables.flatMap(({ table, problem }) => (problem ? { ...problem, table } : [])),
    ...views.flatMap(({ view, problem }) => (problem ? { ...problem, table: view } : [])),
  ];
  return withTasks({ ...plan, totals, problems, jobs: jobsOf(tables) });
}

/**
 * Adds the tasks under the name that they have in the plan of an export. Nothing copies or serializes them twice.
 * @template {Omit<ClonePlan, 'tasks'>} P
 * @param {P} plan
 * @returns {P & Pick<ClonePlan, 'tasks'>}
 */
export const withTasks = (plan) =>
  Object.defineProperty(/** @type {P & Pick<ClonePlan, 'tasks'>} */ (plan), 'tasks', {
    value: plan.tables,
    enumerable: false,
  });

/** @param {PlannedTable[]} tables */
const jobsOf = (tables) =>
  tables.reduce((sum, { copy, rows }) => sum + (copy ? plannedJobs(rows, copy) : 0), 0);
