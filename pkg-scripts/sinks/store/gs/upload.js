import { RetryBudget } from '../../../driver/utils/retry-budget.js';
import { StoreError } from '../errors.js';

/** @import { RequestOptions, Upload, UploadedPart } from '../store.js' */
/** @import { StoreAnswer } from '../transport.js' */
/** @import { GcsStore } from './store.js' */

/** All chunks but the last are multiples of this many bytes. */
const CHUNK_UNIT = 256 * 2 ** 10;
/** The answer to a chunk that is not the last. */
const INCOMPLETE = 308;
/** The answer to the deletion of an upload. */
const CANCELLED = 499;
const RETRY_TIMEOUT_MS = 300_000;

/**
 * A resumable upload. Its parts are sent one after the other. The object appears when Google has the last one.
 * @implements {Upload}
 */
export class GcsUpload {
  #store;
  #session;
  /** The parts before this one. @type {Promise<unknown>} */
  #before = Promise.resolve();
  #bytes = 0;
  /** The last part, which is sent when the object is to appear. */
  #last = new Uint8Array(0);
  /** Whether the object may have appeared, or a part of the last part have arrived. */
  #isTried = false;

  /** @param {GcsStore} store @param {{ key: string, session: string }} upload */
  constructor(store, { key, session }) {
    this.#store = store;
    this.#session = session;
    this.key = key;
    this.uploadId = session;
  }

  /**
   * @param {number} number
   * @param {Uint8Array} bytes
   * @param {AbortSignal} signal
   * @returns {Promise<UploadedPart>}
   */
  async putPart(number, bytes, signal) {
    const sent = this.#before.then(() => this.#append(bytes, signal));
    this.#before = sent;
    await sent;
    return { number, etag: '', sha256: undefined };
  }

  /** @param {Uint8Array} bytes @param {AbortSignal} signal */
  async #append(bytes, signal) {
    if (bytes.length % CHUNK_UNIT === 0) {
      if (bytes.length > 0) await this.#send(bytes, signal);
      this.#bytes += bytes.length;
    } else {
      this.#last = bytes.slice();
    }
  }

  /**
   * Sends a chunk. After an error, asks how much of it has arrived.
   * @param {Uint8Array} bytes
   * @param {AbortSignal} signal
   */
  async #send(bytes, signal) {
    const budget = new RetryBudget({ signal, onRetry: undefined }, () => RETRY_TIMEOUT_MS);
    const end = this.#bytes + bytes.length;
    for (let from = this.#bytes; from < end; ) {
      try {
        const range = `bytes ${from}-${end - 1}/*`;
        from = this.#received(await this.#put(range, signal, bytes.subarray(from - this.#bytes)), end);
      } catch (error) {
        await budget.retryOrThrow(error);
        from = this.#received(await this.#status('*', signal), end);
      }
    }
  }

  /**
   * How many bytes the store has.
   * @param {StoreAnswer} answer
   * @param {number} expected
   */
  #received({ status, headers }, expected) {
    const [, last] = /-(\d+)$/.exec(headers.get('range') ?? '') ?? [];
    const bytes = last === undefined ? 0 : Number(last) + 1;
    if (status === INCOMPLETE && bytes >= this.#bytes && bytes <= expected) return bytes;
    throw new StoreError(
      'store_error',
      `${this.#store.url(this.key)}: the store lost a part of the upload`,
      '',
      {},
    );
  }

  /** @param {string} range @param {AbortSignal} signal @param {Uint8Array} [body] */
  #put(range, signal, body) {
    const headers = { 'content-range': range };
    const request = { method: 'PUT', url: this.#session, headers, ...(body && { body }) };
    return this.#store.sendOnce(this.key, request, { signal, expected: [INCOMPLETE] });
  }

  /** Asks how much has arrived. @param {string} total @param {AbortSignal | undefined} signal */
  #status(total, signal) {
    const headers = { 'content-range': `bytes */${total}` };
    const request = { method: 'PUT', url: this.#session, headers };
    return this.#store.send(this.key, request, { signal, expected: [INCOMPLETE, 404, 410, 412] });
  }

  /**
   * @param {UploadedPart[]} _parts
   * @param {{ overwrite: boolean, signal: AbortSignal }} options
   * @returns {Promise<'done' | 'exists' | 'gone' | 'conflict'>}
   */
  async complete(_parts, { signal }) {
    const total = this.#bytes + this.#last.length;
    const rest = this.#last.subarray(await this.#receivedOfLast(total, signal));
    const from = total - rest.length;
    const range = rest.length > 0 ? `bytes ${from}-${total - 1}/${total}` : `bytes */${total}`;
    const request = {
      ...{ method: 'PUT', url: this.#session, headers: { 'content-range': range } },
      ...(rest.length > 0 && { body: rest.slice() }),
    };
    this.#isTried = true;
    const expected = [INCOMPLETE, 404, 409, 410, 412];
    const { status } = await this.#store.sendOnce(this.key, request, { signal, expected });
    switch (status) {
      case 412:
        return 'exists';
      case 409:
        return 'conflict';
      case 404:
      case 410:
        return 'gone';
      case INCOMPLETE:
        throw new StoreError('store_error', `${this.#store.url(this.key)}: the store wants more bytes`, '', {
          retryable: true,
        });
      default:
        return 'done';
    }
  }

  /**
   * How much of the last part an earlier attempt has sent.
   * @param {number} total
   * @param {AbortSignal} signal
   */
  async #receivedOfLast(total, signal) {
    if (!this.#isTried) return 0;
    const answer = await this.#status(String(total), signal);
    return answer.status === INCOMPLETE ? this.#received(answer, total) - this.#bytes : 0;
  }

  /** @param {RequestOptions} [options] */
  async abort(options = {}) {
    await this.#before.catch(() => {});
    const request = { method: 'DELETE', url: this.#session };
    const expected = [CANCELLED, 404, 410];
    const { status } = await this.#store.send(this.key, request, { ...options, expected });
    return status === CANCELLED || status === 204;
  }
}
