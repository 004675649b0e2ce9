/**
 * Gives memory back at once. A megabyte-sized buffer is little garbage in the collector's eyes, so that it comes late:
 * without this, dozens of them would lie around at any time.
 */

/**
 * Browsers keep a buffer that came by message in two places. Detached here, it is gone in the eyes of the collector, which
 * then never comes for the other: measured in Chromium 156, the memory grew by all that was ever sent. Left alone, it is
 * counted, and collected in time.
 */
const isBrowser = 'document' in globalThis || 'WorkerGlobalScope' in globalThis;

/** @type {MessagePort | undefined} a port that leads nowhere */
let nowhere;

/**
 * Frees the whole buffer behind `bytes`, where that can be done; nobody may look at it any more.
 * @param {Uint8Array} bytes
 */
export function release({ buffer }) {
  if (isBrowser) return;
  if ('transfer' in buffer) /** @type {any} */ (buffer).transfer(0);
  else {
    // Node 20: what is sent to a closed port is taken away from here, and kept nowhere.
    nowhere ??= closedPort();
    nowhere.postMessage(undefined, [/** @type {ArrayBuffer} */ (buffer)]);
  }
}

function closedPort() {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
