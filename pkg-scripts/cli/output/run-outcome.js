import { escapeControlChars } from './sanitize.js';

/** @import { RunEvent as Event } from '../../types.js' */

/** Maximum number of names in a message. */
const MAX_NAMES = 20;

/** Which tables of a run are finished and which remain, for the message after an interruption. */
export class RunOutcome {
  /** @type {string[]} */
  finished = [];
  /** @type {Set<string>} */
  #planned = new Set();

  /** @param {Event} event */
  record(event) {
    if (event.type === 'plan') this.#planned = new Set(plannedTables(event));
    const isFinished = event.type === 'table' ? event.state === 'done' : event.type === 'comparison';
    if (isFinished) this.finished.push(/** @type {{ table: string }} */ (event).table);
  }

  /** Names of planned tables that are not finished. */
  get remaining() {
    const finished = new Set(this.finished);
    return [...this.#planned].filter((table) => !finished.has(table));
  }

  /** The state of a run that writes tables or files, in sentences. */
  get description() {
    const { finished, remaining } = this;
    if (finished.length === 0) return 'No table is finished, and no partial data remains.';
    return (
      `Finished ${finished.length} of ${finished.length + remaining.length} tables: ${nameList(finished)}. ` +
      'No partial data of the other tables remains.'
    );
  }
}

/**
 * A list of quoted names for a message.
 * @param {string[]} names
 */
export function nameList(names) {
  const shown = names.slice(0, MAX_NAMES).map((name) => `"${escapeControlChars(name)}"`);
  const hidden = names.length - shown.length;
  return shown.join(', ') + (hidden > 0 ? ` and ${hidden} more` : '');
}

/**
 * @param {any} plan of an export, which has tasks, or of a clone, which has a copy for each table that it copies
 * @returns {string[]} names of the tables that the run writes
 */
function plannedTables({ tasks, tables = [] }) {
  const planned = tasks ?? tables.filter((/** @type {{ copy?: unknown }} */ { copy }) => copy);
  return planned.map((/** @type {{ table: string }} */ { table }) => table);
}
