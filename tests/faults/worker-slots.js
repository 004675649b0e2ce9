import { World } from './fixture.js';

/** @import { TableSeed } from '../emulator/seed.js' */

/** Worlds that are used in turn, so that several runs can be under way and none disturbs another. */
export class Lanes {
  /** @type {Promise<World>[]} */
  #worlds = [];
  /** @type {World[]} */
  #free = [];
  /** @type {((world: World) => void)[]} */
  #waiting = [];

  /**
   * @param {number} most at a time
   * @param {Record<string, TableSeed[]>} databases of the source
   */
  constructor(most, databases) {
    this.most = most;
    this.databases = databases;
  }

  /**
   * @template T
   * @param {(world: World) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async use(work) {
    const world = await this.#take();
    try {
      return await work(world);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(world);
      else this.#free.push(world);
    }
  }

  /** @returns {Promise<World>} */
  #take() {
    const free = this.#free.pop();
    if (free) return Promise.resolve(free);
    if (this.#worlds.length === this.most) return new Promise((resolve) => this.#waiting.push(resolve));
    const world = World.open(this.databases);
    this.#worlds.push(world);
    return world;
  }

  async close() {
    for (const world of this.#worlds) await (await world).close();
  }
}
