import { setFlagsFromString } from 'node:v8';

/** The latest major version of Node whose V8 is known to accept these flags. V8 prints a warning about unknown flags. */
const MAX_NODE_MAJOR = 25;

/**
 * Reduces the time that V8 spends on garbage collection and compilation during an export. For a process that petit owns.
 *
 * The heap is small, so V8's limit for external buffers is low: without the first flag it collects garbage several times a
 * second and frees little. Without the second flag V8 optimizes WebAssembly functions that hardly run.
 */
export function tuneV8() {
  if (Number.parseInt(process.versions.node, 10) > MAX_NODE_MAJOR) return;
  setFlagsFromString('--heap-growing-percent=500');
  setFlagsFromString('--wasm-tiering-budget=50000000');
}
