import workerpool from 'workerpool';
import { instantiateSync } from '../wasm.js';
import { encodeRowGroup, encodeSegment } from './encode.js';
import { toResult } from './worker-result.js';

/** @import { EncodeRowGroupRequest, EncodeSegmentRequest } from './encode.js' */
/** @import { WorkerResult } from './worker-result.js' */

workerpool.worker({
  /**
   * @param {WebAssembly.Module} module
   * @param {EncodeRowGroupRequest} request
   */
  encodeRowGroup(module, request) {
    const result = toResult(() => {
      instantiateSync(module);
      return encodeRowGroup(request);
    });
    return postResult(result, ({ file }) => file);
  },

  /**
   * @param {WebAssembly.Module} module
   * @param {EncodeSegmentRequest} request
   */
  encodeSegment(module, request) {
    const result = toResult(() => {
      instantiateSync(module);
      return encodeSegment(request);
    });
    return postResult(result, ({ deflated }) => deflated);
  },
});

/**
 * Posts a result; its bytes are transferred. If the WebAssembly instance trapped, throws the error uncaught instead: the
 * pool then replaces the worker.
 * @template T
 * @param {WorkerResult<T>} result
 * @param {(value: T) => Uint8Array} bytesOf
 */
function postResult(result, bytesOf) {
  if ('value' in result) return new workerpool.Transfer(result, [bytesOf(result.value).buffer]);
  if (!result.instanceLost) return result;
  setTimeout(() => {
    throw new Error(result.error.message);
  });
  return new Promise(() => {});
}
