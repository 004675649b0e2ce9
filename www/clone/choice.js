// The choice of the tables to clone. Pure functions.

/** @import { ShownPlan, ShownTable } from '../worker/calls.js' */

/**
 * A table of the database as the view shows it. `isChosen` decides whether it is cloned.
 * @typedef {Omit<ShownTable, 'action'> & { action: ShownTable['action'] | 'not_chosen', isChosen: boolean }} ListedTable
 */

/**
 * The choice after the user has chosen some tables, or has dropped them.
 * @param {ReadonlySet<string>} unchosen names of the tables that are not cloned
 * @param {string[]} names
 * @param {boolean} isChosen
 * @returns {ReadonlySet<string>}
 */
export function choose(unchosen, names, isChosen) {
  const changed = new Set(unchosen);
  for (const name of names) isChosen ? changed.delete(name) : changed.add(name);
  return changed;
}

/**
 * The chosen tables as the library takes them; undefined for all.
 * @param {ShownPlan | undefined} all the plan for all tables
 * @param {ReadonlySet<string>} unchosen
 */
export function chosenNames(all, unchosen) {
  if (!all || unchosen.size === 0) return undefined;
  return all.tables.map(({ table }) => table).filter((name) => !unchosen.has(name));
}

/**
 * All tables, in the order of the plan for all: the chosen ones as the plan has them, the others unchosen.
 * @param {ShownPlan | undefined} all
 * @param {ShownPlan | undefined} plan for the chosen tables
 * @returns {ListedTable[]}
 */
export function listedTables(all, plan) {
  const chosen = new Map((plan?.tables ?? []).map((planned) => [planned.table, planned]));
  return (all?.tables ?? []).map((listed) => {
    const planned = chosen.get(listed.table);
    if (planned) return { ...planned, isChosen: true };
    const { table, rows, bytes } = listed;
    return { table, rows, bytes, warnings: [], isCopied: false, action: 'not_chosen', isChosen: false };
  });
}

/**
 * The number of tables that a run copies.
 * @param {ShownPlan} plan
 */
export const copiedCount = (plan) => copiedTotals(plan).reduce((tables, total) => tables + total.tables, 0);

/**
 * The number of rows that a run copies, about.
 * @param {ShownPlan} plan
 */
export const copiedRows = (plan) => copiedTotals(plan).reduce((rows, total) => rows + total.rows, 0n);

/** @param {ShownPlan} plan */
const copiedTotals = ({ totals: { create, overwrite, append, rebuild } }) =>
  [create, overwrite, append, rebuild].flatMap((total) => total ?? []);
