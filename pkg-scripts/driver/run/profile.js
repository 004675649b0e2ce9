/**
 * Counters of a run's stages, for all tables together.
 *
 * @typedef {object} StageProfile
 * @property {string} stage
 * @property {bigint} bytes what it gave
 * @property {number} seconds it worked: of several workers or uploads at a time, all together
 * @property {number} waitedForInput seconds: of the workers of a pool, those they had nothing to do
 * @property {number} waitedForOutput seconds that what it gave was not taken
 * @property {Record<string, number>} [parts] seconds of the stage's parts
 */

const now = () => performance.now() / 1000;

export class Stage {
  bytes = 0;
  seconds = 0;
  waitedForInput = 0;
  waitedForOutput = 0;
  /** @type {Record<string, number>} */
  parts = {};
  #atWork = 0;
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
   * Says that `change` more of a stage's `workers` are wanted: idle are those that nobody wants while the others work.
   * @param {number} change
   * @param {number} workers
   */
  want(change, workers) {
    const at = now();
    if (this.#atWork > 0) this.waitedForInput += Math.max(0, workers - this.#atWork) * (at - this.#since);
    this.#atWork += change;
    this.#since = at;
  }

  /** @returns {StageProfile} */
  toJSON() {
    const { name: stage, bytes, seconds, waitedForInput, waitedForOutput, parts } = this;
    const told = { stage, bytes: BigInt(bytes), seconds, waitedForInput, waitedForOutput };
    return Object.keys(parts).length > 0 ? { ...told, parts } : told;
  }
}

export class Profile {
  /** @type {Map<string, Stage>} */
  #stages = new Map();

  /** @param {string[]} names in the order of the data's way */
  constructor(names) {
    for (const name of names) this.#stages.set(name, new Stage(name));
  }

  /** @param {string} name */
  stage(name) {
    return /** @type {Stage} */ (this.#stages.get(name));
  }

  toJSON() {
    return [...this.#stages.values()].map((stage) => stage.toJSON());
  }
}

/**
 * What `work` makes of the source; with a stage, its time is counted there.
 * @template In, Out, Result
 * @param {Stage | undefined} stage
 * @param {AsyncIterable<In>} source
 * @param {(source: AsyncIterable<In>) => AsyncGenerator<Out, Result>} work
 * @param {(value: Out) => number} byteLength
 * @returns {AsyncGenerator<Out, Result>}
 */
export function metered(stage, source, work, byteLength) {
  return stage ? meter(stage, work(meteredInput(stage, source)), byteLength) : work(source);
}

/**
 * A source, all of its time counted.
 * @template Out, Result
 * @param {Stage | undefined} stage
 * @param {AsyncGenerator<Out, Result>} source
 * @param {(value: Out) => number} byteLength
 */
export function meteredSource(stage, source, byteLength) {
  return stage ? meter(stage, source, byteLength) : source;
}

/**
 * What `work` gives, its time counted as the stage's.
 * @template T
 * @param {Stage | undefined} stage
 * @param {number} bytes
 * @param {() => Promise<T>} work
 */
export async function timed(stage, bytes, work) {
  if (!stage) return work();
  const began = now();
  try {
    return await work();
  } finally {
    stage.seconds += now() - began;
    stage.bytes += bytes;
  }
}

/**
 * @template Out, Result
 * @param {Stage} stage
 * @param {AsyncGenerator<Out, Result>} output
 * @param {(value: Out) => number} byteLength
 * @returns {AsyncGenerator<Out, Result>}
 */
async function* meter(stage, output, byteLength) {
  try {
    for (;;) {
      const began = now();
      const waited = stage.waitedForInput;
      const { done, value } = await output.next();
      stage.seconds += now() - began - (stage.waitedForInput - waited);
      if (done) return value;
      stage.bytes += byteLength(value);
      const given = now();
      yield value;
      stage.waitedForOutput += now() - given;
    }
  } finally {
    // Whoever stops early stops what stands behind, too.
    await output.return(/** @type {any} */ (undefined));
  }
}

/**
 * @template T
 * @param {Stage} stage
 * @param {AsyncIterable<T>} source
 */
async function* meteredInput(stage, source) {
  let asked = now();
  for await (const value of source) {
    stage.waitedForInput += now() - asked;
    yield value;
    asked = now();
  }
  stage.waitedForInput += now() - asked;
}
