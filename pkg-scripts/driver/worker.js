import workerpool from 'workerpool';
import { encodeRowGroup, encodeSegment } from './encode.js';
import { answer } from './messages.js';
import { instantiate } from './wasm.js';

/** @import { RowGroupOrder, SegmentOrder } from './encode.js' */

workerpool.worker({
  /**
   * @param {WebAssembly.Module} module
   * @param {RowGroupOrder} order
   */
  encodeRowGroup(module, order) {
    const answered = answer(() => encodeRowGroup(instantiate(module), order));
    return new workerpool.Transfer(answered, 'value' in answered ? [answered.value.file.buffer] : []);
  },

  /**
   * @param {WebAssembly.Module} module
   * @param {SegmentOrder} order
   */
  encodeSegment(module, order) {
    const answered = answer(() => encodeSegment(instantiate(module), order));
    return new workerpool.Transfer(answered, 'value' in answered ? [answered.value.deflated.buffer] : []);
  },
});
