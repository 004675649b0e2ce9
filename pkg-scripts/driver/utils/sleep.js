import { systemClock } from './clock.js';

/** @import { Clock } from '../../types.js' */

/**
 * Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as the signal aborts.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @param {Pick<Clock, 'startTimer'>} [clock]
 * @returns {Promise<void>}
 */
export function sleep(ms, signal, clock = systemClock) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.startTimer(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Runs work that should not stop half-way. Its signal aborts `ms` milliseconds after `signal` does.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {number} ms
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @param {Pick<Clock, 'startTimer'>} [clock]
 * @returns {Promise<T>}
 */
export async function withGrace(signal, ms, work, clock = systemClock) {
  signal?.throwIfAborted();
  const delayed = new AbortController();
  let cancel = () => {};
  const follow = () => {
    cancel = clock.startTimer(ms, () => delayed.abort(signal?.reason));
  };
  signal?.addEventListener('abort', follow, { once: true });
  try {
    return await work(delayed.signal);
  } finally {
    signal?.removeEventListener('abort', follow);
    cancel();
  }
}
