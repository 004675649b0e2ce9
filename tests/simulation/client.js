import { cleanUp, cloneDatabase } from '../../pkg-scripts/node.js';
import { platform as node } from '../../pkg-scripts/platform/node.js';

/** @import { VirtualClock } from './clock.js' */

/** One run of petit's driver in a simulation. */
export class Client {
  /** The number in its names, once it has a plan. @type {number | undefined} */
  run;
  /** @type {string[]} */
  planned = [];
  /** Tables that it reported as done. @type {string[]} */
  done = [];
  /** @type {{ table: string, code: string, message: string }[]} */
  errors = [];
  /** @type {string[]} */
  skipped = [];
  /** @type {any} */
  summary;
  /** What it threw. @type {any} */
  failure;
  isKilled = false;
  hasEnded = false;
  requests = 0;
  #abort = new AbortController();

  /**
   * @param {string} name
   * @param {VirtualClock} clock
   * @param {{ hasEnded: (process: string) => boolean, onReport: (table: string, outcome: import('./trace.js').Report['outcome']) => void }} world
   */
  constructor(name, clock, world) {
    this.name = name;
    this.clock = clock;
    this.world = world;
  }

  /** Whether it has begun, and neither ended nor been killed. */
  get isWorking() {
    return this.run !== undefined && !this.hasEnded && !this.isKilled;
  }

  get isOver() {
    return this.hasEnded || this.isKilled;
  }

  /** Its promises never go on, and nothing cleans up. */
  kill() {
    this.isKilled = true;
  }

  abort() {
    this.#abort.abort(Object.assign(new Error('interrupted'), { name: 'AbortError' }));
  }

  /** @param {string} table whether it reported that the outcome is unknown */
  isUnknown(table) {
    return this.errors.some((error) => error.table === table && error.code === 'publish_unknown');
  }

  /** @param {Omit<import('../../pkg-scripts/types.js').CloneRequest, 'platform' | 'signal'>} request */
  clone(request) {
    this.#begin(cloneDatabase({ ...request, ...this.#services() }));
  }

  /** @param {Omit<import('../../pkg-scripts/types.js').CleanupRequest, 'platform' | 'signal'>} request */
  cleanUp(request) {
    this.#begin(cleanUp({ ...request, ...this.#services() }));
  }

  /** @param {PromiseLike<any>} outcome */
  #begin(outcome) {
    outcome.then(
      (summary) => {
        this.summary = summary;
        this.hasEnded = true;
      },
      (failure) => {
        this.failure = failure;
        this.hasEnded = true;
      },
    );
  }

  #services() {
    return {
      platform: {
        ...node,
        clock: this.#clock(),
        processId: () => `machine.${this.name}.1`,
        hasEnded: this.world.hasEnded,
        prepareNetwork: () => {},
        toRequestBody: (/** @type {Uint8Array[]} */ chunks) => Buffer.concat(chunks),
      },
      signal: this.#abort.signal,
      onEvent: (/** @type {any} */ event) => this.#onEvent(event),
    };
  }

  /** The clock as the run sees it: nothing happens any more after a kill. */
  #clock() {
    const startTimer = (/** @type {number} */ ms, /** @type {() => void} */ work) =>
      this.clock.startTimer(ms, () => {
        if (!this.isKilled) work();
      });
    return {
      nowMs: () => this.clock.ms,
      unixMs: () => this.clock.date().getTime(),
      startTimer,
      timeout(/** @type {number} */ ms) {
        const controller = new AbortController();
        startTimer(ms, () => controller.abort(new DOMException('the time is over', 'TimeoutError')));
        return controller.signal;
      },
    };
  }

  /** @param {any} event */
  #onEvent(event) {
    if (event.type === 'plan' && event.command === 'clone-db') {
      this.run = event.run;
      this.planned = event.tables.map((/** @type {any} */ { table }) => table);
    }
    if (event.type !== 'table' || this.isKilled) return;
    if (event.state !== 'skipped') this.world.onReport(event.table, outcomeOf(event));
    if (event.state === 'done') this.done.push(event.table);
    if (event.state === 'skipped') this.skipped.push(event.table);
    if (event.state === 'failed') this.errors.push({ table: event.table, ...pick(event.error) });
  }
}

/** @param {{ code: string, message: string }} error */
const pick = ({ code, message }) => ({ code, message });

/** @param {{ state: string, error?: { code: string } }} event */
function outcomeOf({ state, error }) {
  if (state === 'done') return 'published';
  return error?.code === 'publish_unknown' ? 'unknown' : 'not published';
}
