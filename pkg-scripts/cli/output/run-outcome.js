import { TableRecord } from '../../shared/table-record.js';
import { escapeControlChars } from './sanitize.js';

/** @import { RunEvent as Event } from '../../types.js' */

/** Maximum number of names in a message. */
const MAX_NAMES = 20;

/** Which tables of a run are finished and which remain, for the message after an interruption. */
export class RunOutcome extends TableRecord {
  /** @type {string | undefined} the database that the run has created */
  #createdDatabase;

  /** @override
   * @param {Event} event */
  record(event) {
    super.record(event);
    if (event.type === 'database') this.#createdDatabase = event.database;
  }

  /** The state of a run that writes tables or files, in sentences. */
  get description() {
    return [this.#tablesText, ...this.#databaseTexts].join(' ');
  }

  get #tablesText() {
    const { finished, remaining } = this;
    if (finished.length === 0) return 'No table is finished, and no partial data remains.';
    return (
      `Finished ${finished.length} of ${finished.length + remaining.length} tables: ${nameList(finished)}. ` +
      'No partial data of the other tables remains.'
    );
  }

  /** petit deletes no database: another user may already have added tables. */
  get #databaseTexts() {
    if (this.#createdDatabase === undefined) return [];
    const state = this.finished.length === 0 ? 'stays, empty' : 'stays';
    return [`The database ${nameList([this.#createdDatabase])}, which this run created, ${state}.`];
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
