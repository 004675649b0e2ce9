/**
 * Does what should not be left half-way: its signal follows `signal`, but `ms` milliseconds later.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {number} ms
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withGrace(signal, ms, work) {
  signal?.throwIfAborted();
  const late = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const follow = () => {
    timer = setTimeout(() => late.abort(signal?.reason), ms);
  };
  signal?.addEventListener('abort', follow, { once: true });
  try {
    return await work(late.signal);
  } finally {
    signal?.removeEventListener('abort', follow);
    clearTimeout(timer);
  }
}

/**
 * Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts.
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
