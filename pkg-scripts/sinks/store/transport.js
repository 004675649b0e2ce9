import { PetitError } from '../../driver/errors.js';
import { concatBytes } from '../../driver/utils/concat-bytes.js';
import { IdleTimeout } from '../../driver/utils/idle-timeout.js';
import { RetryBudget } from '../../driver/utils/retry-budget.js';
import { wasm } from '../../driver/wasm.js';
import { toRequestBody } from '../../platform/request-body.js';
import { answerError } from './errors.js';
import { parseAnswer, textOf } from './xml.js';

/** @import { SinkContext } from '../../types.js' */
/** @import { StoreError } from './errors.js' */

/**
 * A request to a bucket.
 * @typedef {object} StoreRequest
 * @property {string} method
 * @property {string} [key] of the object; none for the bucket itself
 * @property {string} [url] instead of the key: an address that the store gave
 * @property {Record<string, string>} [query]
 * @property {Record<string, string>} [headers]
 * @property {Uint8Array | string} [body]
 * @property {string} [sha256] of the body, in hexadecimal
 *
 * @typedef {object} StoreAnswer
 * @property {number} status
 * @property {Headers} headers
 * @property {Uint8Array} bytes
 * @property {string} text
 */

const RETRY_TIMEOUT_MS = 300_000;
const IDLE_TIMEOUT_MS = 60_000;
/** Maximum size of an answer in bytes: a listing has at most 1,000 entries. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20;
/** Changes of region, clock or credentials that one request follows. */
const MAX_CORRECTIONS = 3;
/** Minimum upload rate in bytes per millisecond: the store answers only after the whole body has arrived. */
const MIN_UPLOAD_BYTES_PER_MS = 50;

/**
 * What signs requests to one bucket.
 * @typedef {object} Signer
 * @property {() => Promise<string[]>} secrets what nothing that leaves petit repeats
 * @property {(request: StoreRequest) => Promise<SignedRequest>} sign
 * @property {(error: StoreError, headers: Headers) => boolean | Promise<boolean>} correct whether the same request can
 *   succeed now: the store says that the region, the time or the credentials are others
 *
 * @typedef {{ url: string | URL, method: string, headers: HeadersInit }} SignedRequest
 */

/** Sends signed requests to one bucket. */
export class StoreTransport {
  #signer;
  #context;
  /** @type {InstanceType<typeof wasm.Redactor> | undefined} */
  #redactor;
  #redacted = '';

  /**
   * @param {Signer} signer
   * @param {SinkContext} context
   */
  constructor(signer, context) {
    this.#signer = signer;
    this.#context = context;
  }

  /**
   * Sends a request that is safe to repeat until it succeeds, its error is final, or the time for retries is over.
   * @param {string} url for messages
   * @param {StoreRequest} request
   * @param {{ signal?: AbortSignal | undefined, expected?: number[], retryTimeoutMs?: number }} [options] `expected`:
   *   statuses that are returned and not thrown
   * @returns {Promise<StoreAnswer>}
   */
  async send(url, request, { signal = this.#context.signal, expected = [], ...options } = {}) {
    const { onRetry, retryTimeoutMs = RETRY_TIMEOUT_MS } = this.#context;
    const limitMs = options.retryTimeoutMs ?? retryTimeoutMs;
    const budget = new RetryBudget({ signal, onRetry }, () => limitMs);
    for (;;) {
      try {
        return await this.sendOnce(url, request, { signal, expected });
      } catch (error) {
        await budget.retryOrThrow(error);
      }
    }
  }

  /**
   * Sends a request once, and again if the store says that the region, the time or the credentials are others: then it has
   * not accepted the request.
   * @param {string} url
   * @param {StoreRequest} request
   * @param {{ signal?: AbortSignal | undefined, expected?: number[] }} options
   * @returns {Promise<StoreAnswer>}
   */
  async sendOnce(url, request, { signal, expected = [] }) {
    for (let corrections = 0; ; corrections += 1) {
      await this.#hideSecrets();
      const answer = await this.#exchange(url, request, signal);
      const { status, headers } = answer;
      if ((status >= 200 && status < 300) || expected.includes(status)) return answer;
      const error = this.#errorOf(url, answer);
      if (corrections >= MAX_CORRECTIONS || !(await this.#signer.correct(error, headers))) throw error;
    }
  }

  async #hideSecrets() {
    const secrets = await this.#signer.secrets();
    if (this.#redacted === secrets.join()) return;
    this.#redacted = secrets.join();
    for (const secret of secrets) this.#context.hideSecret?.(secret);
    this.#redactor?.free();
    this.#redactor = new wasm.Redactor(secrets);
  }

  /**
   * @param {string} url
   * @param {StoreRequest} request
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<StoreAnswer>}
   */
  async #exchange(url, request, signal) {
    const { idleTimeoutMs = IDLE_TIMEOUT_MS } = this.#context;
    const { body } = request;
    const idleTimeout = new IdleTimeout(
      idleTimeoutMs + (body?.length ?? 0) / MIN_UPLOAD_BYTES_PER_MS,
      signal,
    );
    try {
      const { url: signed, ...init } = await this.#signer.sign(request);
      const response = await fetch(signed, {
        ...init,
        ...(body !== undefined && bodyInit(body, () => idleTimeout.reset())),
        redirect: 'manual',
        signal: idleTimeout.signal,
      });
      const bytes = await readBytes(response, () => idleTimeout.reset());
      return {
        status: response.status,
        headers: response.headers,
        bytes,
        text: new TextDecoder().decode(bytes),
      };
    } catch (thrown) {
      signal?.throwIfAborted();
      const { reason } = idleTimeout.signal;
      throw networkError(url, reason instanceof PetitError ? reason : thrown);
    } finally {
      idleTimeout.clear();
    }
  }

  /**
   * @param {string} url
   * @param {StoreAnswer} answer
   */
  #errorOf(url, { status, headers, text }) {
    const error = parseAnswer(text);
    const seconds = Number(headers.get('retry-after') ?? Number.NaN);
    return answerError(url, {
      status,
      // An answer to HEAD has no body.
      code: clean(textOf(error, 'Code') ?? headers.get('x-ms-error-code') ?? '', this.#redactor),
      message: clean(textOf(error, 'Message') ?? '', this.#redactor),
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    });
  }

  /**
   * The error in an answer whose status says success, as S3's answer to a completion can have.
   * @param {string} url
   * @param {StoreAnswer} answer
   * @returns {StoreError | undefined}
   */
  errorInside(url, answer) {
    if (parseAnswer(answer.text)?.name !== 'Error') return undefined;
    return this.#errorOf(url, { ...answer, status: 500 });
  }
}

/** Maximum length of a store's own text in a message. */
const MAX_TEXT = 300;

/**
 * Text of a store, without secrets and control characters.
 * @param {string} text
 * @param {InstanceType<typeof wasm.Redactor> | undefined} redactor
 */
const clean = (text, redactor) =>
  (redactor?.redact(text) ?? text).replace(/\p{C}/gu, ' ').trim().slice(0, MAX_TEXT);

/** @param {Uint8Array | string} body */
export const byteLength = (body) =>
  typeof body === 'string' ? new TextEncoder().encode(body).length : body.length;

/**
 * Small bodies are sent as they are. Node's fetch copies large ones, and holds the copies for long.
 * @param {Uint8Array | string} body
 * @param {() => void} onBytes
 */
const bodyInit = (body, onBytes) =>
  typeof body === 'string'
    ? { body }
    : { body: toRequestBody([body], onBytes), duplex: /** @type {const} */ ('half') };

/**
 * As signatures need it: everything but letters, digits and `-_.~` is encoded.
 * @param {string} text
 */
export const encodeStrictly = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * @param {Response} response
 * @param {() => void} onBytes
 */
async function readBytes(response, onBytes) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (response.body ?? [])) {
    onBytes();
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new PetitError('store_error', 'the store’s answer is too long');
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}

/**
 * @param {string} url
 * @param {unknown} thrown
 */
function networkError(url, thrown) {
  if (thrown instanceof PetitError && thrown.code !== 'network') return thrown;
  const { message, cause } = /** @type {Error & { cause?: Error }} */ (thrown);
  return new PetitError('network', `${url}: ${cause?.message || message}`, {
    ...{ retryable: true, cause: thrown },
    hint: 'Check the endpoint of the store and the network connection, then run again.',
  });
}
