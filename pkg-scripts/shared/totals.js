/** @import { Amounts, Event } from '../driver/types.js' */

/** What a run of several tables has done so far, and what is ahead of it: as planned, until a table's job tells better. */
export class Totals {
  /** @type {Map<string, Amounts>} */
  #tables = new Map();

  /** Whether there is more than one table to speak of. */
  get isSeveral() {
    return this.#tables.size > 1;
  }

  /** @param {Event} event */
  take(event) {
    if (event.type === 'plan') {
      for (const { table, rows } of planned(event))
        this.#tables.set(table, { rows: 0n, totalRows: rows, bytes: 0n });
    } else if (event.type === 'progress') {
      const { table, rows, totalRows, bytes } = event;
      this.#tables.set(table, { rows, totalRows, bytes });
    } else if (event.type === 'table') {
      const done = this.#tables.get(event.table);
      // A table that failed has nothing ahead of it any more.
      if (done) this.#tables.set(event.table, { ...done, totalRows: done.rows });
    }
  }

  /** The sums. `totalRows` is undefined while it is unknown for some table.
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
 * The tables that a plan moves.
 * @param {any} plan
 * @returns {{ table: string, rows?: bigint }[]}
 */
function planned({ tasks, tables = [] }) {
  return tasks ?? tables.filter((/** @type {{ copy?: unknown }} */ { copy }) => copy);
}

/** @param {bigint[]} counts */
const sum = (counts) => counts.reduce((total, count) => total + count, 0n);
