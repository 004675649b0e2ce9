// The garbage collector counts a megabyte-sized buffer as little garbage and collects it late, so that dozens of them would
// stay in memory. Detaching a buffer frees its memory at once.

/**
 * Browsers hold a transferred buffer twice. Detaching it hides it from the collector's accounting, so that the second copy
 * is never freed: in Chromium 156, memory grew by every byte that was ever sent. Left alone, both are collected in time.
 */
const isBrowser = 'Window' in globalThis || 'WorkerGlobalScope' in globalThis;

/** @type {MessagePort | undefined} */
let closedPort;

/**
 * Frees the whole buffer behind `bytes`, where the platform can. Nothing may read it afterwards.
 * @param {Uint8Array} bytes
 */
export function detachBuffer({ buffer }) {
  if (isBrowser) return;
  if ('transfer' in buffer && typeof buffer.transfer === 'function') buffer.transfer(0);
  else {
    // Node 20 has no `transfer`. A closed port discards what is transferred to it.
    closedPort ??= openAndClose();
    closedPort.postMessage(undefined, [/** @type {ArrayBuffer} */ (buffer)]);
  }
}

function openAndClose() {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
