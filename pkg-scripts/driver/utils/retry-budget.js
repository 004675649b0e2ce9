import { PetitError, toPetitError } from '../errors.js';
import { wasm } from '../wasm.js';
import { systemClock } from './clock.js';
import { sleep } from './sleep.js';

/** @import { Clock } from '../../types.js' */

/**
 * What goes with a request that is retried.
 * @typedef {object} RetryContext
 * @property {AbortSignal | undefined} [signal] aborts the wait between attempts
 * @property {((error: PetitError, ms: number) => void) | undefined} [onRetry] called before each wait for the next attempt
 */

/** How long one task retries: counts the attempts since the last progress, and the time since the first of them failed. */
export class RetryBudget {
  #context;
  #limitMs;
  #clock;
  #failedAttempts = 0;
  /** @type {number | undefined} */
  #failingSince;

  /**
   * @param {RetryContext} context
   * @param {() => number} limitMs how long errors may go on, in milliseconds
   * @param {Clock} [clock]
   */
  constructor(context, limitMs, clock = systemClock) {
    this.#context = context;
    this.#limitMs = limitMs;
    this.#clock = clock;
  }

  /** Starts the counts again, after progress. */
  reset() {
    this.#failedAttempts = 0;
    this.#failingSince = undefined;
  }

  /**
   * Waits before the next attempt. Throws the error if it is final, or if the budget is exhausted.
   * @param {unknown} thrown
   * @returns {Promise<void>}
   */
  async retryOrThrow(thrown) {
    this.#context.signal?.throwIfAborted();
    const error = toPetitError(thrown);
    if (!(error instanceof PetitError) || !error.retryable) throw error;
    await this.backoff(error);
  }

  /**
   * Waits as before a retry, also after an error that is not retryable. For callers that read the state from TD before
   * they send anything again.
   * @param {PetitError} error
   * @returns {Promise<void>}
   */
  async backoff(error) {
    const { signal, onRetry } = this.#context;
    const now = this.#clock.nowMs();
    this.#failingSince ??= now;
    const elapsedMs = now - this.#failingSince;
    const { retryAfterMs } = error;
    const jitter = Math.random();
    const ms = wasm.retryDelayMs(this.#failedAttempts, retryAfterMs, elapsedMs, this.#limitMs(), jitter);
    this.#failedAttempts += 1;
    if (ms === undefined) throw exhausted(error, this.#failedAttempts, elapsedMs);
    onRetry?.(error, ms);
    await sleep(ms, signal, this.#clock);
  }
}

/**
 * @param {PetitError} error of the last attempt
 * @param {number} attempts
 * @param {number} ms since the first of them failed
 */
function exhausted(error, attempts, ms) {
  const requested = Math.round((error.retryAfterMs ?? 0) / 1000);
  if (requested > 0)
    error.message += `; the server asks to wait ${requested} s, longer than the retry timeout allows`;
  if (attempts > 1) error.message += ` (gave up after ${attempts} attempts in ${(ms / 1000).toFixed(1)} s)`;
  return error;
}
