import { PetitError } from '../errors.js';
import { systemClock } from './clock.js';

/** @import { Clock } from '../../types.js' */

/** Aborts its signal when no data has arrived for a while, or when the outer signal aborts. */
export class IdleTimeout {
  #controller = new AbortController();
  #cancel;
  #clock;
  #outer;
  #ms;
  #retryable;
  #cleared = false;
  #follow = () => this.#controller.abort(this.#outer?.reason);

  /**
   * @param {number} ms
   * @param {AbortSignal} [outer]
   * @param {boolean} [retryable] whether a request that timed out may be sent again
   * @param {Pick<Clock, 'startTimer'>} [clock]
   */
  constructor(ms, outer, retryable = true, clock = systemClock) {
    this.#ms = ms;
    this.#clock = clock;
    this.#retryable = retryable;
    this.#outer = outer;
    outer?.throwIfAborted();
    outer?.addEventListener('abort', this.#follow, { once: true });
    this.#cancel = this.#start();
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Data arrived: starts the time again. */
  reset() {
    this.#cancel();
    if (!this.#cleared) this.#cancel = this.#start();
  }

  /** Stops the time until the next `reset`: nobody is reading. */
  pause() {
    this.#cancel();
  }

  /** Ends it: the signal no longer aborts. */
  clear() {
    this.#cleared = true;
    this.#cancel();
    this.#outer?.removeEventListener('abort', this.#follow);
  }

  #start() {
    return this.#clock.startTimer(this.#ms, () => this.#controller.abort(this.#error()));
  }

  /** Created only when the time is over: an error with its stack costs more than the timer. */
  #error() {
    const seconds = Math.round(this.#ms / 100) / 10;
    return new PetitError('network', `no response for ${seconds} s`, { retryable: this.#retryable });
  }
}
