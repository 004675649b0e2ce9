/**
 * Virtual time. What is to happen at a time waits in a queue; time jumps to the next entry once everything that happens now
 * has happened.
 */

/** When every simulation begins. */
const START_MS = Date.UTC(2026, 0, 1);
/** Turns of the event loop without any activity after which nothing more happens now. */
const QUIET_TURNS = 4;

const turn = () => new Promise((resolve) => setImmediate(resolve));

export class VirtualClock {
  /** Milliseconds since the beginning. */
  ms = 0;
  /** Work that is being done, and that takes no virtual time. */
  #busy = 0;
  #activity = 0;
  #count = 0;
  /** @type {{ at: number, place: number, work: () => void }[]} a heap: the next entry is the first */
  #queue = [];

  /** @returns {Date} */
  date = () => new Date(START_MS + this.ms);

  /**
   * @param {number} ms
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>}
   */
  sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.startTimer(ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      signal?.addEventListener('abort', stop, { once: true });
    });

  /**
   * @param {number} ms
   * @param {() => void} work
   * @returns {() => void} cancels it
   */
  startTimer = (ms, work) => {
    this.#activity += 1;
    this.#count += 1;
    const entry = { at: this.ms + Math.max(0, ms), place: this.#count, work };
    push(this.#queue, entry);
    return () => {
      this.#activity += 1;
      entry.work = nothing;
    };
  };

  /**
   * Time stands still until this work is done.
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  async during(work) {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#busy -= 1;
      this.#activity += 1;
    }
  }

  /** Waits until nothing more happens now. */
  async #settle() {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      const before = this.#activity;
      await turn();
      quiet = this.#busy > 0 || this.#activity !== before ? 0 : quiet + 1;
    }
  }

  /**
   * Lets time pass.
   * @param {() => boolean} isOver
   * @param {number} untilMs
   * @returns {Promise<boolean>} whether it is over; false if the time has come, or if nothing will ever happen again
   */
  async run(isOver, untilMs = Number.POSITIVE_INFINITY) {
    for (;;) {
      await this.#settle();
      if (isOver()) return true;
      while (this.#queue[0]?.work === nothing) pop(this.#queue);
      const next = this.#queue[0];
      if (!next || next.at > untilMs) {
        if (Number.isFinite(untilMs)) this.ms = Math.max(this.ms, untilMs);
        return false;
      }
      pop(this.#queue);
      this.ms = Math.max(this.ms, next.at);
      next.work();
    }
  }
}

const nothing = () => {};

/** @typedef {{ at: number, place: number, work: () => void }} Entry */

/** @param {Entry} a @param {Entry} b */
const isBefore = (a, b) => a.at < b.at || (a.at === b.at && a.place < b.place);

/** @param {Entry[]} heap @param {Entry} entry */
function push(heap, entry) {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = /** @type {Entry} */ (heap[parent]);
    if (!isBefore(entry, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

/** @param {Entry[]} heap */
function pop(heap) {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (!left) break;
    if (right && isBefore(right, left)) child += 1;
    const next = /** @type {Entry} */ (heap[child]);
    if (!isBefore(next, last)) break;
    heap[at] = next;
    at = child;
  }
  heap[at] = last;
}
