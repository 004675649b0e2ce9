import { TableRecord } from '../../shared/table-record.js';
import { interrupted, withInterruption } from '../errors.js';

/** @import { OnEvent, Run, RunEvent } from '../../types.js' */

/**
 * Starts `work`, which gets the request with a signal and a listener of its own.
 * @template {{ signal?: AbortSignal, onEvent?: OnEvent }} R
 * @template T
 * @template {RunEvent} E the events that the work emits
 * @param {R} request
 * @param {(request: R) => Promise<T>} work
 * @returns {Run<T, E>}
 */
export function startRun(request, work) {
  const events = new EventQueue();
  const stop = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
  const tables = new TableRecord();
  const onEvent = (/** @type {RunEvent} */ event) => {
    tables.record(event);
    events.push(event);
    request.onEvent?.(event);
  };
  const outcome = work({ ...request, signal, onEvent })
    .catch((error) => {
      throw withInterruption(error, signal, tables);
    })
    .finally(() => events.end());
  const iterator = () => /** @type {AsyncGenerator<E, void, void>} */ (eventsOf(outcome, events, stop));
  return Object.assign(outcome, { [Symbol.asyncIterator]: iterator });
}

/**
 * @param {Promise<unknown>} outcome
 * @param {EventQueue} events
 * @param {AbortController} stop
 * @returns {AsyncGenerator<RunEvent, void, void>}
 */
async function* eventsOf(outcome, events, stop) {
  // The loop throws the error of a failed run; the caller need not await the outcome as well.
  outcome.catch(() => {});
  try {
    yield* events.take();
    await outcome;
  } finally {
    stop.abort(interrupted('the loop over the run’s events has ended'));
    // The loop has thrown the error already, or the caller has left it and expects none.
    await outcome.catch(() => {});
  }
}

/** Events that were not taken yet. Keeps only the newest progress event of each table, so that they stay few. */
class EventQueue {
  /** @type {Map<string | symbol, RunEvent>} */
  #waiting = new Map();
  #ended = false;
  #wake = () => {};

  /** @param {RunEvent} event */
  push(event) {
    const key = event.type === 'progress' ? event.table : Symbol();
    this.#waiting.delete(key);
    this.#waiting.set(key, event);
    this.#wake();
  }

  end() {
    this.#ended = true;
    this.#wake();
  }

  /** @returns {AsyncGenerator<RunEvent, void, void>} */
  async *take() {
    for (;;) {
      for (const [key, event] of this.#waiting) {
        this.#waiting.delete(key);
        yield event;
      }
      if (this.#waiting.size > 0) continue;
      if (this.#ended) return;
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
      });
    }
  }
}
