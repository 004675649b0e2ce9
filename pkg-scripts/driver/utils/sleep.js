/**
 * Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as the signal aborts.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Runs work that should not stop half-way. Its signal aborts `ms` milliseconds after `signal` does.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {number} ms
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withGrace(signal, ms, work) {
  signal?.throwIfAborted();
  const delayed = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const follow = () => {
    timer = setTimeout(() => delayed.abort(signal?.reason), ms);
  };
  signal?.addEventListener('abort', follow, { once: true });
  try {
    return await work(delayed.signal);
  } finally {
    signal?.removeEventListener('abort', follow);
    clearTimeout(timer);
  }
}
