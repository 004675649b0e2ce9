/** @import { Amounts, PlanEvent, RunEvent } from '../types.js' */

/** Done and total amounts of a run's tables, added up from its events. Totals are the plan's until a table's job reports
 * better ones. */
export class Totals {
  /** @type {Map<string, Amounts>} */
  #tables = new Map();

  /** Whether there is more than one table. */
  get isSeveral() {
    return this.#tables.size > 1;
  }

  /** @param {RunEvent} event */
  applyEvent(event) {
    if (event.type === 'plan') {
      for (const { table, rows } of plannedTables(event))
        this.#tables.set(table, { rows: 0n, totalRows: rows, bytes: 0n });
    } else if (event.type === 'progress') {
      const { table, rows, totalRows, bytes } = event;
      this.#tables.set(table, { rows, totalRows, bytes });
    } else if (event.type === 'table') {
      const done = this.#tables.get(event.table);
      // No more rows of a failed table will come.
      if (done) this.#tables.set(event.table, { ...done, totalRows: done.rows });
    }
  }

  /** The sums. `totalRows` is undefined while it is unknown for a table.
   * @returns {Amounts} */
  get amounts() {
    const tables = [...this.#tables.values()];
    const isKnown = tables.every(({ totalRows }) => totalRows !== undefined);
    return {
      rows: sum(tables.map(({ rows }) => rows)),
      totalRows: isKnown ? sum(tables.map(({ totalRows = 0n }) => totalRows)) : undefined,
      bytes: sum(tables.map(({ bytes }) => bytes)),
    };
  }
}

/**
 * The tables that a plan copies or exports: those of a clone that have a copy.
 * @param {PlanEvent} plan
 * @returns {{ table: string, rows?: bigint }[]}
 */
export function plannedTables(plan) {
  if (plan.command === 'td2parquet') return plan.tasks;
  return plan.command === 'clone-db' ? plan.tables.filter(({ copy }) => copy) : [];
}

/** @param {bigint[]} counts */
const sum = (counts) => counts.reduce((total, count) => total + count, 0n);
