import { printable } from './table.js';

/** @import { RunEvent as Event } from '../../types.js' */

/** Names that a message lists at most. */
const NAMES_SHOWN = 20;

/** Which tables of a run are finished, and which are left: what a person wants to know who stopped it. */
export class Finished {
  /** @type {string[]} */
  tables = [];
  /** @type {Set<string>} */
  #planned = new Set();

  /** @param {Event} event */
  take(event) {
    if (event.type === 'plan') this.#planned = new Set(planned(event));
    const isDone = event.type === 'table' ? event.state === 'done' : event.type === 'comparison';
    if (isDone) this.tables.push(/** @type {{ table: string }} */ (event).table);
  }

  /** @returns {string[]} tables that were planned and are not finished */
  get left() {
    return [...this.#planned].filter((table) => !this.tables.includes(table));
  }

  /** One sentence about what a run that moves tables has left. */
  get sentence() {
    const { tables, left } = this;
    if (tables.length === 0) return 'No table was finished, and nothing half done was left behind.';
    return (
      `Finished, and whole: ${names(tables)} (${tables.length} of ${tables.length + left.length}). ` +
      'Of the others nothing half done was left behind.'
    );
  }
}

/**
 * Names for a message.
 * @param {string[]} list
 */
export function names(list) {
  const more = list.length - NAMES_SHOWN;
  const shown = list.slice(0, NAMES_SHOWN).map((name) => `"${printable(name)}"`);
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * @param {any} plan
 * @returns {string[]} the tables that it moves
 */
function planned({ tasks, tables = [] }) {
  const moved = tasks ?? tables.filter((/** @type {{ copy?: unknown }} */ { copy }) => copy);
  return moved.map((/** @type {{ table: string }} */ { table }) => table);
}
