import { waiting } from './waiting.js';

/** @import { CloneContext, Planned } from './clone.js' */
/** @import { Slice } from './slices.js' */
/** @import { Run } from './td.js' */

/** Tells how far a table is. */
export class TableProgress {
  #context;
  #table;
  #phase = 'preparing';
  done;

  /**
   * @param {CloneContext} context
   * @param {Planned} planned
   */
  constructor(context, { table, rows }) {
    this.#context = context;
    this.#table = table;
    this.done = {
      rows: 0,
      bytes: 0,
      totalRows: rows,
      totalBytes: /** @type {number | undefined} */ (undefined),
    };
  }

  /** What goes with the table's calls: they tell what they wait for.
   * @returns {Run} */
  get run() {
    return { signal: this.#context.signal, ...waiting((words) => this.#tell(words)) };
  }

  /**
   * What goes with the jobs that move the rows: a single one tells its states as well.
   * @param {Slice[]} slices
   * @returns {Run}
   */
  runOf(slices) {
    const { run } = this;
    if (slices.length > 1) return run;
    return {
      ...run,
      onLook: (looked, ms) => {
        this.enter(`source job ${looked.status}`);
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
   * @param {number | undefined} rows
   * @param {number} [bytes]
   */
  expect(rows, bytes) {
    this.done.totalRows = rows ?? this.done.totalRows;
    this.done.totalBytes = bytes;
  }

  /** @param {{ rows?: number, bytes?: number }} more */
  add({ rows = 0, bytes = 0 }) {
    this.done.rows += rows;
    this.done.bytes += bytes;
    this.#tell();
  }

  #tell(waiting = '') {
    const told = { table: this.#table, phase: this.#phase, ...this.done, ...(waiting && { waiting }) };
    this.#context.onEvent({ type: 'progress', ...told });
  }
}
