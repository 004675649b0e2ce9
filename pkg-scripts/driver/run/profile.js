/** @import { StageProfile } from '../../types.js' */

/**
 * Instruments the stages of a pipeline where it is built. Each method returns `work` with the time and the output of each
 * call counted.
 * @typedef {object} Profiler
 * @property {<Args extends [AsyncIterable<unknown>?, ...unknown[]], T extends { byteLength: number }, R>(name: string, work: (...args: Args) => AsyncGenerator<T, R>) =>
 *   (...args: Args) => AsyncGenerator<T, R>} stage of a generator; its input, if it has one, is the first argument
 * @property {<Args extends [{ byteLength?: number }?, ...unknown[]], T>(name: string, work: (...args: Args) => Promise<T>) =>
 *   (...args: Args) => Promise<T>} task of a function that consumes its first argument
 */

/** Counts nothing: each stage is used as it is.
 * @type {Profiler} */
export const NO_PROFILE = { stage: (_, work) => work, task: (_, work) => work };

/** Counters of a run's stages, for all tables together. */
export class Profile {
  /** @type {Map<string, StageCounters>} */
  #stages = new Map();

  /** @param {string[]} names in the order in which the data passes through the stages */
  constructor(names) {
    for (const name of names) this.#stages.set(name, new StageCounters(name));
  }

  /** @param {string} name */
  counters(name) {
    return /** @type {StageCounters} */ (this.#stages.get(name));
  }

  /** @type {Profiler['stage']} */
  stage = (name, work) => {
    const counters = this.counters(name);
    return (...args) => {
      const [source, ...rest] = args;
      if (source === undefined) return instrument(counters, work(...args));
      const input = [instrumentSource(counters, source), ...rest];
      return instrument(counters, work(.../** @type {typeof args} */ (input)));
    };
  };

  /** @type {Profiler['task']} */
  task = (name, work) => {
    const counters = this.counters(name);
    return async (...args) => {
      // Read first: the work may detach the buffer.
      counters.bytes += args[0]?.byteLength ?? 0;
      const began = now();
      try {
        return await work(...args);
      } finally {
        counters.seconds += now() - began;
      }
    };
  };

  toJSON() {
    return [...this.#stages.values()].map((counters) => counters.toJSON());
  }
}

/** Counters of one stage. */
export class StageCounters {
  bytes = 0;
  seconds = 0;
  waitedForInput = 0;
  waitedForOutput = 0;
  /** @type {Record<string, number>} */
  parts = {};
  #busy = 0;
  #since = 0;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @param {Record<string, number>} parts seconds */
  addParts(parts) {
    for (const [part, seconds] of Object.entries(parts)) {
      this.parts[part] = (this.parts[part] ?? 0) + seconds;
      this.seconds += seconds;
    }
  }

  /**
   * Notes that the pool got or finished a request. While it has fewer requests than workers, the others wait for input.
   * @param {1 | -1} change
   * @param {number} workers
   */
  addRequest(change, workers) {
    const at = now();
    if (this.#busy > 0) this.waitedForInput += Math.max(0, workers - this.#busy) * (at - this.#since);
    this.#busy += change;
    this.#since = at;
  }

  /** @returns {StageProfile} */
  toJSON() {
    const { name: stage, bytes, seconds, waitedForInput, waitedForOutput, parts } = this;
    const counted = { stage, bytes: BigInt(bytes), seconds, waitedForInput, waitedForOutput };
    return Object.keys(parts).length > 0 ? { ...counted, parts } : counted;
  }
}

/**
 * @template {{ byteLength: number }} T
 * @template R
 * @param {StageCounters} counters
 * @param {AsyncGenerator<T, R>} output
 * @returns {AsyncGenerator<T, R>}
 */
async function* instrument(counters, output) {
  try {
    for (;;) {
      const began = now();
      const waited = counters.waitedForInput;
      const { done, value } = await output.next();
      counters.seconds += now() - began - (counters.waitedForInput - waited);
      if (done) return value;
      counters.bytes += value.byteLength;
      const given = now();
      yield value;
      counters.waitedForOutput += now() - given;
    }
  } finally {
    // A consumer that stops early also stops the stages before this one.
    await output.return(/** @type {R} */ (undefined));
  }
}

/**
 * @template T
 * @param {StageCounters} counters
 * @param {AsyncIterable<T>} source
 */
async function* instrumentSource(counters, source) {
  let asked = now();
  for await (const value of source) {
    counters.waitedForInput += now() - asked;
    yield value;
    asked = now();
  }
  counters.waitedForInput += now() - asked;
}

const now = () => performance.now() / 1000;
