import workerpool from 'workerpool';
import { encodeRowGroup } from './encode.js';
import { answer } from './messages.js';
import { instantiate } from './wasm.js';

/** @import { RowGroupOrder } from './encode.js' */

workerpool.worker({
  /**
   * @param {WebAssembly.Module} module
   * @param {RowGroupOrder} order
   */
  encodeRowGroup(module, order) {
    const answered = answer(() => encodeRowGroup(instantiate(module), order));
    const buffers = 'value' in answered ? [answered.value.file.buffer] : [];
    return new workerpool.Transfer(answered, buffers);
  },
});
