import { PetitError } from '../driver/errors.js';
import { concatBytes } from '../driver/utils/concat-bytes.js';
import { IdleTimeout } from '../driver/utils/idle-timeout.js';
import { RetryBudget } from '../driver/utils/retry-budget.js';

/** @import { ByteSource, SinkContext } from '../types.js' */

const RETRY_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 60_000;
const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/**
 * A file of a web server that sends ranges. Its query string may be a signature, so that no message repeats it.
 * @param {string} address
 * @param {SinkContext} context
 * @returns {Promise<ByteSource>}
 */
export async function openWebSource(address, context) {
  const url = checkedUrl(address, context);
  const name = `${url.origin}${url.pathname}`;
  if (url.search) context.hideSecret?.(url.search.slice(1));
  // The first byte tells the size, also where a signature is for GET alone.
  const first = await readRange(url, name, { start: 0, end: 1, context });
  return {
    name,
    byteLength: first.size,
    async slice(start, end) {
      if (start >= end) return new Uint8Array(0);
      const { bytes, size, etag } = await readRange(url, name, { start, end, context });
      if (size !== first.size || etag !== first.etag || bytes.length !== end - start)
        throw new PetitError('cannot_read', `${name} has changed while it was read`, { retryable: true });
      return bytes;
    },
  };
}

/** @param {string} address @param {SinkContext} context */
function checkedUrl(address, { allowHttp }) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || url.username || url.password)
    throw new PetitError('invalid_option', 'the address is not a URL without user and password');
  if (url.protocol === 'http:' && !allowHttp && !LOOPBACK.test(url.hostname))
    throw new PetitError('insecure_endpoint', 'the address has no encryption: others can read the rows');
  return url;
}

/**
 * @typedef {{ start: number, end: number, context: SinkContext }} Range
 * @typedef {{ bytes: Uint8Array, size: number, etag: string | null }} RangeAnswer
 */

/** @param {URL} url @param {string} name @param {Range} range @returns {Promise<RangeAnswer>} */
async function readRange(url, name, range) {
  const { signal, onRetry, retryTimeoutMs = RETRY_TIMEOUT_MS } = range.context;
  const budget = new RetryBudget({ signal, onRetry }, () => retryTimeoutMs);
  for (;;) {
    try {
      return await requestRange(url, name, range);
    } catch (error) {
      await budget.retryOrThrow(error);
    }
  }
}

/** @param {URL} url @param {string} name @param {Range} range @returns {Promise<RangeAnswer>} */
async function requestRange(url, name, { start, end, context }) {
  const { signal, idleTimeoutMs = IDLE_TIMEOUT_MS } = context;
  const idleTimeout = new IdleTimeout(idleTimeoutMs, signal);
  try {
    const headers = { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' };
    const response = await fetch(url, { headers, signal: idleTimeout.signal });
    const { status } = response;
    const [, size] = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    if (status !== 206 || size === undefined) {
      await response.body?.cancel();
      throw statusError(name, status);
    }
    const chunks = [];
    let length = 0;
    for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (response.body ?? [])) {
      idleTimeout.reset();
      length += chunk.length;
      if (length > end - start) throw new PetitError('cannot_read', `${name}: the server sends too much`);
      chunks.push(chunk);
    }
    return { bytes: concatBytes(chunks), size: Number(size), etag: response.headers.get('etag') };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof PetitError) throw thrown;
    const { message, cause } = /** @type {Error & { cause?: Error }} */ (thrown);
    throw new PetitError('network', `${name}: ${cause?.message || message}`, {
      retryable: true,
      cause: thrown,
    });
  } finally {
    idleTimeout.clear();
  }
}

/** @param {string} name @param {number} status */
function statusError(name, status) {
  if (status === 416) return new PetitError('not_parquet', `${name}: the file is empty`);
  if (status === 200) return new PetitError('cannot_read', `${name}: the server sends no ranges of a file`);
  const retryable = TRANSIENT_STATUSES.has(status);
  return new PetitError('cannot_read', `${name}: the server answers with status ${status}`, {
    retryable,
    status,
  });
}
