import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 spend less of the cores on itself: for a process that is petit's own, and exports.
 *
 * Buffers that come and go count towards the limit at which V8 looks for garbage, which is low for a heap as small as
 * petit's: it would look for it several times a second, and find little. And of WebAssembly it would compile functions
 * once more that hardly run; later versions of V8 have a higher threshold for that by themselves.
 */
export function tuneV8() {
  setFlagsFromString('--heap-growing-percent=500');
  setFlagsFromString('--wasm-tiering-budget=50000000');
}
