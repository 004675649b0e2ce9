import { plannedTables } from './totals.js';

/** @import { RunEvent } from '../types.js' */

/** Which tables of a run are finished and which remain, by its events. */
export class TableRecord {
  /** @type {string[]} */
  finished = [];
  /** @type {Set<string>} */
  #planned = new Set();

  /** @param {RunEvent} event */
  record(event) {
    if (event.type === 'plan') this.#planned = new Set(plannedTables(event).map(({ table }) => table));
    if (event.type === 'comparison' || (event.type === 'table' && event.state === 'done'))
      this.finished.push(event.table);
  }

  /** Names of planned tables that are not finished. */
  get remaining() {
    const finished = new Set(this.finished);
    return [...this.#planned].filter((table) => !finished.has(table));
  }
}
