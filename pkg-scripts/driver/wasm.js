import init, { initSync } from '../../dist/wasm/petit.js';

/** The classes and functions of petit's WebAssembly module. They work once this thread has called `instantiate`. */
export * as wasm from '../../dist/wasm/petit.js';

let instantiated = false;

/**
 * Creates this thread's instance of the module. Later calls have no effect.
 * @param {WebAssembly.Module} module
 */
export async function instantiate(module) {
  await init({ module_or_path: module });
  instantiated = true;
}

/**
 * Creates the instance before it returns, as a worker needs it. Browsers refuse this in the thread of a page for a module of
 * more than 8 MB, unless it has an instance already.
 * @param {WebAssembly.Module} module
 */
export function instantiateSync(module) {
  initSync({ module });
  instantiated = true;
}

/** Whether this thread has an instance. */
export const isInstantiated = () => instantiated;
