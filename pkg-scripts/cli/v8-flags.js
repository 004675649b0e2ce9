import { setFlagsFromString } from 'node:v8';

/** The latest Node whose V8 is known to have these flags: of one that it has not, V8 would complain on the terminal. */
const LAST_NODE = 25;

/**
 * Has V8 spend less of the cores on itself: for a process that is petit's own, and exports.
 *
 * Buffers that come and go count towards the limit at which V8 looks for garbage, which is low for a heap as small as
 * petit's: it would look for it several times a second, and find little. And of WebAssembly it would compile functions
 * once more that hardly run.
 */
export function tuneV8() {
  if (Number.parseInt(process.versions.node, 10) > LAST_NODE) return;
  setFlagsFromString('--heap-growing-percent=500');
  setFlagsFromString('--wasm-tiering-budget=50000000');
}
