import { initSync } from '../../dist/wasm/petit.js';

/** The classes and functions of petit's WebAssembly module. They work once this thread has called `instantiate`. */
export * as wasm from '../../dist/wasm/petit.js';

let instantiated = false;

/**
 * Creates this thread's instance of the module. Later calls have no effect.
 * @param {WebAssembly.Module} module
 */
export function instantiate(module) {
  initSync({ module });
  instantiated = true;
}

/** Whether this thread has an instance. */
export const isInstantiated = () => instantiated;
