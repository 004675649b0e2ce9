import { runShare, tableShare } from './run-share.js';

/** @import { Amounts, PlanEvent, RunEvent } from '../types.js' */

/**
 * @typedef {object} TableTotals
 * @property {Amounts} amounts
 * @property {bigint} [plannedRows]
 * @property {bigint} [plannedBytes]
 * @property {boolean} hasEnded
 */

/** Done and total amounts of a run's tables, added up from its events. Totals are the plan's until a table's job reports
 * better ones. */
export class Totals {
  /** @type {Map<string, TableTotals>} */
  #tables = new Map();

  /** Whether there is more than one table. */
  get isSeveral() {
    return this.#tables.size > 1;
  }

  /** The number of tables, and of those that are done or failed. */
  get tables() {
    const ended = [...this.#tables.values()].filter(({ hasEnded }) => hasEnded).length;
    return { ended, all: this.#tables.size };
  }

  /** The share that is done, from 0 to 1. */
  get share() {
    return runShare(
      [...this.#tables.values()].map(({ amounts, plannedRows, plannedBytes, hasEnded }) => ({
        share: hasEnded ? 1 : tableShare(amounts),
        rows: amounts.totalRows ?? plannedRows,
        bytes: plannedBytes,
      })),
    );
  }

  /** @param {RunEvent} event */
  applyEvent(event) {
    if (event.type === 'plan') {
      for (const { table, rows, bytes } of plannedTables(event)) {
        const amounts = { rows: 0n, totalRows: rows, bytes: 0n };
        this.#tables.set(table, { amounts, plannedRows: rows, plannedBytes: bytes, hasEnded: false });
      }
    } else if (event.type === 'progress') {
      const { table, rows, totalRows, bytes, totalBytes } = event;
      const amounts = { rows, totalRows, bytes, ...(totalBytes !== undefined && { totalBytes }) };
      this.#tables.set(table, { hasEnded: false, ...this.#tables.get(table), amounts });
    } else if (event.type === 'table') {
      const table = this.#tables.get(event.table);
      if (!table) return;
      // No more rows of a failed table will come.
      const amounts = { ...table.amounts, totalRows: table.amounts.rows };
      this.#tables.set(event.table, { ...table, amounts, hasEnded: true });
    }
  }

  /** The sums. `totalRows` is undefined while it is unknown for a table.
   * @returns {Amounts} */
  get amounts() {
    const tables = [...this.#tables.values()].map(({ amounts }) => amounts);
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
 * @returns {{ table: string, rows?: bigint, bytes?: bigint }[]}
 */
export function plannedTables(plan) {
  if (plan.command === 'td2parquet') return plan.tasks;
  return plan.command === 'clone-db' ? plan.tables.filter(({ copy }) => copy) : [];
}

/**
 * About how many jobs of Treasure Data read a table.
 * @param {bigint | undefined} rows of the table, by the listing
 * @param {{ sliceRows?: bigint | undefined }} task `sliceRows`: of each job, if there are several
 */
export function plannedJobs(rows, { sliceRows }) {
  if (!sliceRows || rows === undefined) return 1;
  return Math.max(1, Math.ceil(Number(rows) / Number(sliceRows)));
}

/** @param {bigint[]} counts */
const sum = (counts) => counts.reduce((total, count) => total + count, 0n);
