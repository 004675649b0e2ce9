import { PetitError } from '../errors.js';

/** Aborts its signal when no data has arrived for a while, or when the outer signal aborts. */
export class IdleTimeout {
  #controller = new AbortController();
  #timer;
  #outer;
  #ms;
  #retryable;
  #cleared = false;
  #follow = () => this.#controller.abort(this.#outer?.reason);

  /**
   * @param {number} ms
   * @param {AbortSignal} [outer]
   * @param {boolean} [retryable] whether a request that timed out may be sent again
   */
  constructor(ms, outer, retryable = true) {
    this.#ms = ms;
    this.#retryable = retryable;
    this.#outer = outer;
    outer?.throwIfAborted();
    outer?.addEventListener('abort', this.#follow, { once: true });
    this.#timer = this.#start();
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Data arrived: starts the time again. */
  reset() {
    clearTimeout(this.#timer);
    if (!this.#cleared) this.#timer = this.#start();
  }

  /** Stops the time until the next `reset`: nobody is reading. */
  pause() {
    clearTimeout(this.#timer);
  }

  /** Ends it: the signal no longer aborts. */
  clear() {
    this.#cleared = true;
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#follow);
  }

  #start() {
    return setTimeout(() => this.#controller.abort(this.#error()), this.#ms);
  }

  /** Created only when the time is over: an error with its stack costs more than the timer. */
  #error() {
    const seconds = Math.round(this.#ms / 100) / 10;
    return new PetitError('network', `no response for ${seconds} s`, { retryable: this.#retryable });
  }
}
