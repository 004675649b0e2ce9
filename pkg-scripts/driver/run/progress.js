import { waitReporter } from './waiting.js';

/** @import { OnEvent } from '../../types.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */
/** @import { RunContext } from './run.js' */

/** Reports the progress of one table as events. */
export class TableProgress {
  #onEvent;
  #table;
  #phase = 'preparing';
  /** @type {{ job?: string, consoleUrl?: string | undefined }} the job that works on the table */
  #job = {};
  done;

  /**
   * @param {OnEvent} onEvent
   * @param {{ table: string, rows?: bigint }} task `rows`: an estimate
   */
  constructor(onEvent, { table, rows }) {
    this.#onEvent = onEvent;
    this.#table = table;
    this.done = {
      rows: 0n,
      bytes: 0n,
      totalRows: rows,
      totalBytes: /** @type {bigint | undefined} */ (undefined),
    };
  }

  /**
   * @param {string} phase
   * @param {{ job?: string, consoleUrl?: string | undefined }} [job] the job that works on the table in this phase
   */
  setPhase(phase, job = {}) {
    if (phase === this.#phase && job.job === this.#job.job) return;
    this.#phase = phase;
    this.#job = job;
    this.#emit();
  }

  /**
   * @param {bigint | undefined} rows undefined keeps the estimate
   * @param {bigint} [bytes]
   */
  setTotals(rows, bytes) {
    this.done.totalRows = rows ?? this.done.totalRows;
    this.done.totalBytes = bytes;
  }

  /** @param {{ rows?: number | bigint, bytes?: number }} amounts */
  increment({ rows = 0, bytes = 0 }) {
    this.done.rows += BigInt(rows);
    this.done.bytes += BigInt(bytes);
    this.#emit();
  }

  /** @param {string} description of what the table waits for */
  reportWait(description) {
    this.#emit({ waiting: description });
  }

  /** @param {{ waiting?: string }} [more] */
  #emit(more) {
    const { done } = this;
    const state = { phase: this.#phase, ...this.#job };
    this.#onEvent({ type: 'progress', table: this.#table, ...state, ...done, ...more });
  }
}

/**
 * The run as one table sees it: its calls report their waits as progress of the table.
 * @template {RunContext} R
 * @param {R} run
 * @param {{ table: string, rows?: bigint }} task
 * @returns {R & { progress: TableProgress }}
 */
export function trackTable(run, task) {
  const progress = new TableProgress(run.onEvent, task);
  const { signal, showValues } = run;
  const calls = { signal, showValues, ...waitReporter((description) => progress.reportWait(description)) };
  return { ...run, progress, calls };
}

/**
 * The call context of a job whose status is shown as the table's phase.
 * @param {{ calls: CallContext, progress: TableProgress, source: TdClient }} run
 * @param {(status: string) => string} phaseOf
 * @returns {CallContext}
 */
export function withStatusUpdates({ calls, progress, source }, phaseOf) {
  return {
    ...calls,
    onPoll: (job, ms) => {
      const { jobId, status } = job;
      progress.setPhase(phaseOf(status), { job: jobId, consoleUrl: source.jobUrl(jobId) });
      calls.onPoll?.(job, ms);
    },
  };
}

/**
 * Passes chunks on and reports the bytes of each.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {(bytes: number) => void} onBytes
 */
export async function* countBytes(chunks, onBytes) {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}
