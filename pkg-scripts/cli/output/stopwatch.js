/** Measures how long the run and its parts have taken. */
export class Stopwatch {
  #startedAt = performance.now();
  /** @type {Map<string, number>} start times of the parts */
  #parts = new Map();

  /** Starts the time of a part, unless it has started. @param {string} part */
  start(part) {
    if (!this.#parts.has(part)) this.#parts.set(part, performance.now());
  }

  /**
   * Seconds since the start of the run, or of a part, which this call starts if nothing has.
   * @param {string} [part]
   */
  seconds(part) {
    if (part !== undefined) this.start(part);
    const startedAt = part === undefined ? this.#startedAt : (this.#parts.get(part) ?? this.#startedAt);
    return (performance.now() - startedAt) / 1000;
  }
}
