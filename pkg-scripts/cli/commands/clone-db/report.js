import { writeFile } from 'node:fs/promises';
import { PetitError } from '../../../driver/errors.js';
import { toJson } from '../../../driver/utils/bigint-json.js';

/** @import { ErrorData, RunEvent as Event } from '../../../types.js' */

/** What a clone has told of itself, for the report of one that is stopped before its summary. */
export class Told {
  #began = performance.now();
  /** @type {Record<string, unknown>} */
  #ends = {};
  /** @type {{ rows: bigint, bytes: bigint }[]} */
  #tables = [];
  /** @type {string[]} */
  #skipped = [];
  /** @type {ErrorData[]} */
  #errors = [];

  /** @param {any} event an {@link Event} */
  take({ type, version, ...event }) {
    if (type === 'plan') {
      const { source, destination, sourceDatabase, destinationDatabase } = event;
      this.#ends = { source, destination, sourceDatabase, destinationDatabase };
    }
    if (type !== 'table') return;
    if (event.state === 'done') this.#tables.push(event);
    if (event.state === 'skipped') this.#skipped.push(event.table);
    if (event.state === 'failed') this.#errors.push(event.error);
  }

  /**
   * The report that the run would have given, and why it gave none.
   * @param {ErrorData} error
   */
  stoppedBy(error) {
    const sum = (/** @type {'rows' | 'bytes'} */ what) =>
      this.#tables.reduce((total, table) => total + table[what], 0n);
    return {
      ...{ ...this.#ends, rows: sum('rows'), bytes: sum('bytes') },
      seconds: (performance.now() - this.#began) / 1000,
      ...{ tables: this.#tables, skipped: this.#skipped, errors: this.#errors, error },
    };
  }
}

/**
 * @param {string} file
 * @param {object} told the summary; of a dry run the plan
 */
export async function writeReport(file, told) {
  try {
    await writeFile(file, `${toJson(told, 2)}\n`);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('cannot_write', `the run has ended, but its report cannot be written: ${message}`);
  }
}
