/**
 * Lets other things of this thread happen: answers of workers, bytes from the network, writes that are done. Without it,
 * whoever finds all that it awaits there already keeps them waiting.
 * @returns {Promise<void>}
 */
export const turn =
  typeof setImmediate === 'function' ? () => new Promise((resolve) => setImmediate(resolve)) : byMessages();

/** Where there is no `setImmediate`: timers would wait for milliseconds, messages do not. */
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
