import { interrupted } from '../errors.js';

/** @import { OnEvent, RunEvent } from '../types.js' */

/**
 * A run that has begun: a promise of its outcome, and its events, to be looped over as they happen. Leaving the loop
 * before the run has ended stops the run.
 * @template T
 * @typedef {Promise<T> & AsyncIterable<RunEvent, void, void>} Run
 */

/**
 * Begins `work`, which gets the request with a signal and a listener of its own.
 * @template {{ signal?: AbortSignal, onEvent?: OnEvent }} R
 * @template T
 * @param {R} request
 * @param {(request: R) => Promise<T>} work
 * @returns {Run<T>}
 */
export function startRun(request, work) {
  const events = new EventQueue();
  const stop = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
  const onEvent = (/** @type {RunEvent} */ event) => {
    events.push(event);
    request.onEvent?.(event);
  };
  const outcome = work({ ...request, signal, onEvent }).finally(() => events.end());
  return Object.assign(outcome, {
    [Symbol.asyncIterator]: () => eventsOf(outcome, events, stop),
  });
}

/**
 * @param {Promise<unknown>} outcome
 * @param {EventQueue} events
 * @param {AbortController} stop
 * @returns {AsyncGenerator<RunEvent, void, void>}
 */
async function* eventsOf(outcome, events, stop) {
  // Whoever loops hears of a failure by the loop; the outcome need not be awaited as well.
  outcome.catch(() => {});
  try {
    yield* events.take();
    await outcome;
  } finally {
    stop.abort(interrupted('nobody listens to the run any more'));
    await outcome.catch(() => {});
  }
}

/** Events that nobody has taken yet. Of a table's progress only the newest waits, so that they stay few. */
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
