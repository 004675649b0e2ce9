import { waiting } from './waiting.js';

/** @import { Run } from '../td/client.js' */
/** @import { OnEvent } from '../types.js' */

/** Tells how far a table is. */
export class TableProgress {
  #context;
  #table;
  #phase = 'preparing';
  done;

  /**
   * @param {{ signal: AbortSignal, onEvent: OnEvent }} context
   * @param {{ table: string, rows?: bigint }} planned `rows`: roughly
   */
  constructor(context, { table, rows }) {
    this.#context = context;
    this.#table = table;
    this.done = {
      rows: 0n,
      bytes: 0n,
      totalRows: rows,
      totalBytes: /** @type {bigint | undefined} */ (undefined),
    };
  }

  /** What goes with the table's calls: they tell what they wait for.
   * @returns {Run} */
  get run() {
    return { signal: this.#context.signal, ...waiting((words) => this.#tell(words)) };
  }

  /**
   * The same for a job whose states are told as well.
   * @param {(status: string) => string} words
   * @returns {Run}
   */
  runTelling(words) {
    const { run } = this;
    return {
      ...run,
      onLook: (looked, ms) => {
        this.enter(words(looked.status));
        run.onLook?.(looked, ms);
      },
    };
  }

  /** @param {string} phase */
  enter(phase) {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#tell();
  }

  /**
   * @param {bigint | undefined} rows
   * @param {bigint} [bytes]
   */
  expect(rows, bytes) {
    this.done.totalRows = rows ?? this.done.totalRows;
    this.done.totalBytes = bytes;
  }

  /** @param {{ rows?: number | bigint, bytes?: number }} more */
  add({ rows = 0, bytes = 0 }) {
    this.done.rows += BigInt(rows);
    this.done.bytes += BigInt(bytes);
    this.#tell();
  }

  #tell(waiting = '') {
    const told = { table: this.#table, phase: this.#phase, ...this.done, ...(waiting && { waiting }) };
    this.#context.onEvent({ type: 'progress', ...told });
  }
}
