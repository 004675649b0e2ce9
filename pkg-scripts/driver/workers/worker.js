import workerpool from 'workerpool';
import { instantiate } from '../wasm.js';
import { encodeRowGroup, encodeSegment } from './encode.js';
import { answer } from './worker-result.js';

/** @import { RowGroupOrder, SegmentOrder } from './encode.js' */
/** @import { Answer } from './worker-result.js' */

workerpool.worker({
  /**
   * @param {WebAssembly.Module} module
   * @param {RowGroupOrder} order
   */
  encodeRowGroup: (module, order) =>
    deliver(
      answer(() => encodeRowGroup(instantiate(module), order)),
      ({ file }) => file,
    ),

  /**
   * @param {WebAssembly.Module} module
   * @param {SegmentOrder} order
   */
  encodeSegment: (module, order) =>
    deliver(
      answer(() => encodeSegment(instantiate(module), order)),
      ({ deflated }) => deflated,
    ),
});

/**
 * Hands the answer over, its bytes without a copy. An instance that trapped is of no more use, and its thread with it:
 * the error goes uncaught, so that the pool hears of it and starts another.
 * @template T
 * @param {Answer<T>} answered
 * @param {(value: T) => Uint8Array} bytes
 */
function deliver(answered, bytes) {
  if ('value' in answered) return new workerpool.Transfer(answered, [bytes(answered.value).buffer]);
  if (!answered.fatal) return answered;
  setTimeout(() => {
    throw new Error(answered.error.message);
  });
  return new Promise(() => {});
}
