import { PetitError } from '../errors.js';

/** @import { IdleTimeout } from '../utils/idle-timeout.js' */

/**
 * The chunks of an opened body. When reading ends, for whatever reason, the connection is released.
 * @param {{ body?: ReadableStream<Uint8Array>, idleTimeout: IdleTimeout }} opened
 * @returns {AsyncGenerator<Uint8Array, void>}
 */
export async function* readBody({ body, idleTimeout }) {
  const reader = body?.getReader();
  let isComplete = false;
  try {
    while (reader) {
      const { done, value } = await reader.read();
      isComplete = done;
      if (done) return;
      // The time that the consumer takes is not the server's.
      idleTimeout.pause();
      yield value;
      idleTimeout.reset();
    }
  } catch (thrown) {
    throw toNetworkError(thrown);
  } finally {
    idleTimeout.clear();
    if (!isComplete) await reader?.cancel().catch(ignore);
  }
}

/** The body is abandoned, so that its own error does not matter. */
function ignore() {}

/**
 * @param {unknown} thrown by the platform when a body breaks off
 * @returns {Error}
 */
function toNetworkError(thrown) {
  if (thrown instanceof PetitError) return thrown;
  const { message, cause, name } = /** @type {Error & { cause?: Error }} */ (thrown);
  if (name === 'AbortError') return /** @type {Error} */ (thrown);
  const reason = `the connection was lost: ${cause?.message ?? message}`;
  return new PetitError('network', reason, { retryable: true, cause: thrown });
}
