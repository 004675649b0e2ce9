import { PetitError } from '../../../driver/errors.js';

/** @import { ErrorData, RunEvent as Event } from '../../../types.js' */

/** Builds the report of a clone that stops before its summary, from its events. */
export class ReportBuilder {
  #startedAt = performance.now();
  /** @type {Record<string, unknown>} endpoints and databases */
  #sides = {};
  /** @type {{ rows: bigint, bytes: bigint }[]} */
  #tables = [];
  /** @type {string[]} */
  #skipped = [];
  /** @type {ErrorData[]} */
  #errors = [];
  /** @type {object[]} */
  #views = [];

  /** @param {Event} event */
  record(event) {
    if (event.type === 'plan' && event.command === 'clone-db') {
      const { source, destination, sourceDatabase, destinationDatabase, notChosen, timeRange } = event;
      this.#sides = { source, destination, sourceDatabase, destinationDatabase, notChosen, timeRange };
    }
    if (event.type === 'view') this.#recordView(event);
    if (event.type !== 'table') return;
    if (event.state === 'done') {
      const { type, ...table } = event;
      this.#tables.push(table);
    }
    if (event.state === 'skipped') this.#skipped.push(event.table);
    if (event.state === 'failed') this.#errors.push(event.error);
  }

  /** @param {Extract<Event, { type: 'view' }>} event */
  #recordView(event) {
    if (event.state === 'failed') {
      this.#errors.push(event.error);
    } else {
      const { type, ...view } = event;
      this.#views.push(view);
    }
  }

  /**
   * The report of a run that `error` stopped: the fields of a summary so far, and the error.
   * @param {ErrorData} error
   */
  failed(error) {
    const sum = (/** @type {'rows' | 'bytes'} */ field) =>
      this.#tables.reduce((total, table) => total + table[field], 0n);
    return {
      ...this.#sides,
      ...{ rows: sum('rows'), bytes: sum('bytes') },
      seconds: (performance.now() - this.#startedAt) / 1000,
      ...{ tables: this.#tables, skipped: this.#skipped, views: this.#views, errors: this.#errors, error },
    };
  }
}

/**
 * @param {string} file
 * @param {string} report JSON
 */
export async function writeReport(file, report) {
  try {
    const { openDiskFile } = await import('../../../sinks/disk/file.js');
    const { writable } = await openDiskFile(file, { overwrite: true });
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode(`${report}\n`));
    await writer.close();
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('cannot_write', `the run has ended, but the report cannot be written: ${message}`);
  }
}
