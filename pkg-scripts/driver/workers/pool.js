import pLimit from 'p-limit';
import { pMapIterable } from 'p-map';
import workerpool from 'workerpool';
import { PetitError } from '../errors.js';
import { instantiateSync } from '../wasm.js';
import { encodeRowGroup, encodeSegment } from './encode.js';
import { fromResult, toResult } from './worker-result.js';

/** @import { Platform } from '../../types.js' */
/** @import { StageCounters } from '../run/profile.js' */
/** @import { EncodedRowGroup, EncodeRowGroupRequest, EncodeSegmentRequest, Segment } from './encode.js' */

/** Maximum requests that a table has in flight, with any number of workers. */
export const MAX_IN_FLIGHT = 32;

/**
 * The workers that encode for all tables of a run, each with a WebAssembly instance of its own. Without workers, the
 * calling thread encodes.
 * @typedef {object} Pool
 * @property {number} inFlight requests that a table may have in flight: one for each worker, and the next one
 * @property {(request: EncodeRowGroupRequest) => Promise<EncodedRowGroup>} encodeRowGroup detaches the request's buffers
 * @property {(request: EncodeSegmentRequest) => Promise<Segment>} encodeSegment detaches the request's buffers
 * @property {() => Promise<void>} close
 */

/**
 * @param {Platform} platform
 * @param {WebAssembly.Module} module compiled once, shared by all workers
 * @param {number} workers
 * @param {StageCounters} [counters] of the encode stage, if the run is profiled
 * @returns {Pool}
 */
export function startPool(platform, module, workers, counters) {
  const pool = workers === 0 ? inlinePool(module) : workerPool(platform, module, workers);
  return counters ? instrumentPool(pool, Math.max(1, workers), counters) : pool;
}

/**
 * Encodes items in order, as many at a time as the pool allows.
 * @template T, R
 * @param {Pool} pool
 * @param {AsyncIterable<T>} items
 * @param {(item: T, index: number) => Promise<R>} encode
 * @returns {AsyncIterable<R>}
 */
export const encodeInOrder = ({ inFlight }, items, encode) =>
  pMapIterable(items, encode, { concurrency: inFlight, backpressure: inFlight });

/**
 * @param {Pool} pool
 * @param {number} workers
 * @param {StageCounters} counters
 * @returns {Pool}
 */
function instrumentPool(pool, workers, counters) {
  /**
   * @template {{ seconds?: Record<string, number> }} T
   * @param {Promise<T>} work
   */
  const measure = async (work) => {
    counters.addRequest(1, workers);
    try {
      const { seconds = {}, ...encoded } = await work;
      counters.addParts(seconds);
      return encoded;
    } finally {
      counters.addRequest(-1, workers);
    }
  };
  return {
    ...pool,
    async encodeRowGroup(request) {
      const encoded = await measure(pool.encodeRowGroup({ ...request, profile: true }));
      counters.bytes += encoded.file.length;
      return encoded;
    },
    async encodeSegment(request) {
      const encoded = await measure(pool.encodeSegment({ ...request, profile: true }));
      counters.bytes += encoded.deflated.length;
      return encoded;
    },
  };
}

/**
 * @param {WebAssembly.Module} module
 * @returns {Pool}
 */
function inlinePool(module) {
  instantiateSync(module);
  return {
    inFlight: 1,
    encodeRowGroup: async (request) => fromResult(toResult(() => encodeRowGroup(request))),
    encodeSegment: async (request) => fromResult(toResult(() => encodeSegment(request))),
    close: async () => {},
  };
}

/** In Bun, a pool of threads of node:worker_threads never answers; one of web workers does. */
const WORKER_TYPE = 'Bun' in globalThis ? 'web' : 'auto';

/**
 * @param {Platform} platform
 * @param {WebAssembly.Module} module
 * @param {number} workers
 * @returns {Pool}
 */
function workerPool({ workerScript }, module, workers) {
  const pool = workerpool.pool(workerScript, {
    maxWorkers: workers,
    workerType: WORKER_TYPE,
    workerOpts: { type: 'module' },
  });
  const inFlight = Math.min(workers + 1, MAX_IN_FLIGHT);
  const limit = pLimit(inFlight);
  /**
   * @param {string} method
   * @param {EncodeRowGroupRequest | EncodeSegmentRequest} request
   */
  const send = (method, request) =>
    limit(async () => {
      const transfer = request.batches.map((batch) => batch.buffer);
      return fromResult(await exec(pool, method, [module, request], transfer));
    });
  return {
    inFlight,
    encodeRowGroup: (request) => send('encodeRowGroup', request),
    encodeSegment: (request) => send('encodeSegment', request),
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
    // The other lines describe the thread, for the developers of workerpool.
    const [reason] = /** @type {Error} */ (error).message.split('\n');
    throw new PetitError('internal', `an encode worker stopped: ${reason}`, { cause: error });
  }
}
