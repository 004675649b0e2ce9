import pLimit from 'p-limit';
import workerpool from 'workerpool';
import { PetitError } from '../errors.js';
import { instantiate } from '../wasm.js';
import { encodeRowGroup, encodeSegment } from './encode.js';
import { answer, unwrap } from './worker-result.js';

/** @import { EncodedRowGroup, RowGroupOrder, Segment, SegmentOrder } from './encode.js' */
/** @import { Stage } from '../run/profile.js' */
/** @import { Platform } from '../types.js' */

/** Most row groups that a table has under way, however many workers there are. */
export const MOST_IN_FLIGHT = 32;

/**
 * The workers that serve every table of a run, one WebAssembly instance each; with none, the calling thread's own.
 * @typedef {object} Pool
 * @property {number} inFlight row groups that a table may have under way: one for each worker, and one ready to follow
 * @property {(order: RowGroupOrder) => Promise<EncodedRowGroup>} encodeRowGroup takes the order's buffers away
 * @property {(order: SegmentOrder) => Promise<Segment>} encodeSegment likewise
 * @property {() => Promise<void>} close
 */

/**
 * @param {Platform} platform
 * @param {WebAssembly.Module} module compiled once, shared by all
 * @param {number} workers
 * @param {Stage} [stage] gets what the workers do, and how long they have nothing to do
 * @returns {Pool}
 */
export function startPool(platform, module, workers, stage) {
  const pool = workers === 0 ? ownThread(module) : workerPool(platform, module, workers);
  return stage ? watched(pool, Math.max(1, workers), stage) : pool;
}

/**
 * @param {Pool} pool
 * @param {number} workers
 * @param {Stage} stage
 * @returns {Pool}
 */
function watched(pool, workers, stage) {
  /**
   * @template {{ seconds?: Record<string, number> }} T
   * @param {Promise<T>} work
   */
  const watch = async (work) => {
    stage.want(1, workers);
    try {
      const { seconds = {}, ...done } = await work;
      stage.addParts(seconds);
      return done;
    } finally {
      stage.want(-1, workers);
    }
  };
  return {
    ...pool,
    async encodeRowGroup(order) {
      const done = await watch(pool.encodeRowGroup({ ...order, profile: true }));
      stage.bytes += done.file.length;
      return done;
    },
    async encodeSegment(order) {
      const done = await watch(pool.encodeSegment({ ...order, profile: true }));
      stage.bytes += done.deflated.length;
      return done;
    },
  };
}

/**
 * @param {WebAssembly.Module} module
 * @returns {Pool}
 */
function ownThread(module) {
  return {
    inFlight: 1,
    encodeRowGroup: async (order) => unwrap(answer(() => encodeRowGroup(instantiate(module), order))),
    encodeSegment: async (order) => unwrap(answer(() => encodeSegment(instantiate(module), order))),
    close: async () => {},
  };
}

/**
 * @param {Platform} platform
 * @param {WebAssembly.Module} module
 * @param {number} workers
 * @returns {Pool}
 */
function workerPool(platform, module, workers) {
  const pool = workerpool.pool(platform.workerScript, {
    maxWorkers: workers,
    workerType: 'auto',
    workerOpts: { type: 'module' },
  });
  const inFlight = Math.min(workers + 1, MOST_IN_FLIGHT);
  const limit = pLimit(inFlight);
  const send = (/** @type {string} */ method, /** @type {RowGroupOrder | SegmentOrder} */ order) =>
    limit(async () => {
      const transfer = order.steps.map((step) => step.buffer);
      return unwrap(await exec(pool, method, [module, order], transfer));
    });
  return {
    inFlight,
    encodeRowGroup: (order) => send('encodeRowGroup', order),
    encodeSegment: (order) => send('encodeSegment', order),
    close: async () => {
      await pool.terminate(true);
    },
  };
}

/**
 * @param {workerpool.Pool} pool
 * @param {string} method
 * @param {unknown[]} parameters
 * @param {ArrayBufferLike[]} transfer
 */
async function exec(pool, method, parameters, transfer) {
  try {
    return await pool.exec(method, parameters, { transfer });
  } catch (error) {
    // Behind the first line stands what the pool knows of the thread, for its own developers.
    const [what] = /** @type {Error} */ (error).message.split('\n');
    throw new PetitError('internal', `an encode worker stopped: ${what}`, { cause: error });
  }
}
