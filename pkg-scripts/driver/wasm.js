import * as bindings from '../../dist/wasm/petit.js';

/** @import { Platform } from './types.js' */

/**
 * What petit's WebAssembly module offers, once it is loaded.
 * @typedef {typeof bindings} Wasm
 */

/**
 * Makes this thread's instance, once: later calls give the same.
 * @param {WebAssembly.Module} module
 * @returns {Wasm}
 */
export function instantiate(module) {
  bindings.initSync({ module });
  return bindings;
}
