import { FaultFixture } from './fixture.js';

/** @import { TableSeed } from '../emulator/seed.js' */

/** A pool of fixtures, so that runs can be parallel without sharing an emulator. */
export class WorkerSlots {
  /** @type {Promise<FaultFixture>[]} */
  #fixtures = [];
  /** @type {FaultFixture[]} */
  #free = [];
  /** @type {((fixture: FaultFixture) => void)[]} */
  #waiting = [];

  /**
   * @param {number} max number of parallel runs
   * @param {Record<string, TableSeed[]>} databases of the source
   */
  constructor(max, databases) {
    this.max = max;
    this.databases = databases;
  }

  /**
   * Runs `work` with a fixture of its own.
   * @template T
   * @param {(fixture: FaultFixture) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async use(work) {
    const fixture = await this.#acquire();
    try {
      return await work(fixture);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(fixture);
      else this.#free.push(fixture);
    }
  }

  /** @returns {Promise<FaultFixture>} */
  #acquire() {
    const free = this.#free.pop();
    if (free) return Promise.resolve(free);
    if (this.#fixtures.length === this.max) return new Promise((resolve) => this.#waiting.push(resolve));
    const fixture = FaultFixture.open(this.databases);
    this.#fixtures.push(fixture);
    return fixture;
  }

  async close() {
    for (const fixture of this.#fixtures) await (await fixture).close();
  }
}
