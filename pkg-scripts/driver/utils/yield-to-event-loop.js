/**
 * Yields to the event loop. A loop that awaits already-resolved promises would starve worker messages and I/O.
 * @returns {Promise<void>}
 */
export const yieldToEventLoop =
  typeof setImmediate === 'function' ? () => new Promise((resolve) => setImmediate(resolve)) : byMessages();

/** For platforms without `setImmediate`. Messages arrive at once; timers take milliseconds. */
function byMessages() {
  const { port1, port2 } = new MessageChannel();
  /** @type {(() => void)[]} */
  const waiting = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((/** @type {(value: void) => void} */ resolve) => {
      waiting.push(resolve);
      port2.postMessage(undefined);
    });
}
