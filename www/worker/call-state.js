import { signal } from '@preact/signals';
import { CallError } from './rpc-client.js';

/** @import { ErrorData } from '../../pkg-scripts/types.js' */

/** @typedef {{ status: 'failed', error: ErrorData }} Failed */

/**
 * A signal for the result of calls to the worker. A later call or `set` supersedes all earlier calls: their results
 * are dropped, in whichever order they arrive.
 * @template {{ status: string }} S
 */
export class CallState {
  #signal;
  #latestCall = 0;

  /** @param {S | Failed} initial */
  constructor(initial) {
    this.#signal = signal(/** @type {S | Failed} */ (initial));
  }

  get value() {
    return this.#signal.value;
  }

  peek() {
    return this.#signal.peek();
  }

  /** @param {S | Failed} value */
  set(value) {
    this.#latestCall += 1;
    this.#signal.value = value;
  }

  /**
   * Sets the state that `work` resolves to. If a call in it fails, sets the error.
   * @param {() => Promise<S>} work
   */
  async run(work) {
    this.#latestCall += 1;
    const id = this.#latestCall;
    const result = await stateOrFailed(work);
    if (id === this.#latestCall) this.#signal.value = result;
  }
}

/**
 * @template S
 * @param {() => Promise<S>} work
 * @returns {Promise<S | Failed>}
 */
async function stateOrFailed(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CallError) return { status: 'failed', error: error.data };
    throw error;
  }
}
