import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { PetitError } from '../../driver/errors.js';
import { detachBuffer } from '../../driver/utils/free-buffer.js';
import { IdleTimeout } from '../../driver/utils/idle-timeout.js';
import { RetryBudget } from '../../driver/utils/retry-budget.js';
import { baseName } from '../sinks.js';
import { isLoopback } from '../store/checked-url.js';
import { answerError, objectExists } from '../store/errors.js';
import { parseAnswer, textOf } from '../store/xml.js';

/** @import { OpenSink, Sink, SinkContext } from '../../types.js' */

const RETRY_TIMEOUT_MS = 300_000;
const IDLE_TIMEOUT_MS = 60_000;
/** How long a store may take to answer a whole body, in milliseconds per byte: 50 MB/s. */
const MS_PER_BYTE = 1 / 50_000;
/** Maximum size of an answer that is read, in bytes. */
const MAX_ANSWER_BYTES = 64 * 2 ** 10;

/**
 * The target of an address that a store has signed for one PUT. Its query string is a secret.
 * @param {string} address with `https://`
 * @param {SinkContext} context
 * @returns {{ name: string, openSink: OpenSink }} `name`: the address without its query string
 */
export function presignedTarget(address, { allowHttp, hideSecret }) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || url.username || url.password || url.hash || baseName(url.pathname) === '')
    throw new PetitError(
      'invalid_option',
      'the output is not the address of a file, without user and password',
    );
  if (url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname))
    throw new PetitError('insecure_endpoint', 'the output has no encryption: others can read the rows');
  const name = `${url.origin}${url.pathname}`;
  hideAll(url, hideSecret);
  return { name, openSink: (_, options) => PresignedSink.open(url, name, options) };
}

/** @param {URL} url @param {SinkContext['hideSecret']} hideSecret */
function hideAll(url, hideSecret) {
  if (url.search.length > 1) hideSecret?.(url.search.slice(1));
  for (const [name, value] of url.searchParams) if (/sig/i.test(name) && value) hideSecret?.(value);
}

/**
 * A file that is collected on this computer, because a signed PUT needs its length, and sent when it is committed.
 * @implements {Sink}
 */
class PresignedSink {
  #url;
  #name;
  #folder;
  #file;
  #overwrite;
  #context;
  #bytes = 0;

  /**
   * @param {URL} url
   * @param {string} name
   * @param {{ folder: string, file: import('node:fs/promises').FileHandle, overwrite: boolean, context: SinkContext }} options
   */
  constructor(url, name, { folder, file, overwrite, context }) {
    this.#url = url;
    this.#name = name;
    this.#folder = folder;
    this.#file = file;
    this.#overwrite = overwrite;
    this.#context = context;
    this.path = name;
    /** @type {WritableStream<Uint8Array>} */
    this.writable = new WritableStream(
      { write: (chunk) => this.#write(chunk), close: () => file.close(), abort: () => this.abort() },
      { highWaterMark: 1 },
    );
  }

  /** @param {URL} url @param {string} name @param {{ overwrite: boolean } & SinkContext} options */
  static async open(url, name, { overwrite, ...context }) {
    const folder = await mkdtemp(join(tmpdir(), 'petit-upload-'));
    const file = await open(join(folder, 'file'), 'wx', 0o600);
    return new PresignedSink(url, name, { folder, file, overwrite, context });
  }

  /** @param {Uint8Array} chunk */
  async #write(chunk) {
    const { length } = chunk;
    for (let at = 0; at < length; ) {
      const { bytesWritten } = await this.#file.write(chunk, at, length - at);
      at += bytesWritten;
    }
    this.#bytes += length;
    if (length > 0) detachBuffer(chunk);
  }

  /** Sends the file. */
  commit = async () => {
    const { onRetry, retryTimeoutMs = RETRY_TIMEOUT_MS } = this.#context;
    const budget = new RetryBudget({ signal: undefined, onRetry }, () => retryTimeoutMs);
    const state = { mayBeDone: false };
    try {
      for (;;) {
        try {
          return await this.#put(state);
        } catch (error) {
          await this.#retryOrThrow(budget, error, state);
        }
      }
    } finally {
      await this.#remove();
    }
  };

  /** @param {RetryBudget} budget @param {unknown} error @param {{ mayBeDone: boolean }} state */
  async #retryOrThrow(budget, error, { mayBeDone }) {
    try {
      await budget.retryOrThrow(error);
    } catch (final) {
      throw mayBeDone ? unknownOutcome(this.#name, final) : final;
    }
  }

  /**
   * Sends the file once.
   * @param {{ mayBeDone: boolean }} state whether an attempt without an answer may have succeeded
   */
  async #put(state) {
    const { status, headers, text, wasSent } = await this.#send();
    if (status >= 200 && status < 300) {
      state.mayBeDone = false;
      return;
    }
    if (status === 0) {
      state.mayBeDone ||= wasSent;
      throw new PetitError('network', `${this.#name}: ${text}`, { retryable: true });
    }
    if (status === 412 || (status === 409 && !this.#overwrite)) throw objectExists(this.#name);
    const code = textOf(parseAnswer(text), 'Code') ?? headers?.get('x-ms-error-code') ?? '';
    throw answerError(this.#name, { status, code: code.replace(/\W/g, '').slice(0, 80), message: '' });
  }

  /** @returns {Promise<{ status: number, headers?: Headers, text: string, wasSent: boolean }>} status 0: there is no answer */
  async #send() {
    const { idleTimeoutMs = IDLE_TIMEOUT_MS } = this.#context;
    const idleTimeout = new IdleTimeout(idleTimeoutMs + this.#bytes * MS_PER_BYTE);
    const file = createReadStream(join(this.#folder, 'file'));
    let wasSent = false;
    async function* body() {
      for await (const chunk of file) {
        wasSent = true;
        idleTimeout.reset();
        yield chunk;
      }
    }
    try {
      const response = await fetch(this.#url, {
        ...{ method: 'PUT', headers: this.#headers(), redirect: 'manual', signal: idleTimeout.signal },
        ...{ body: /** @type {BodyInit} */ (Readable.toWeb(Readable.from(body()))), duplex: 'half' },
      });
      const text = (await response.text()).slice(0, MAX_ANSWER_BYTES);
      return { status: response.status, headers: response.headers, text, wasSent };
    } catch (thrown) {
      const { message, cause } = /** @type {Error & { cause?: Error }} */ (thrown);
      return { status: 0, text: cause?.message || message, wasSent };
    } finally {
      idleTimeout.clear();
      file.destroy();
    }
  }

  /** @returns {Record<string, string>} */
  #headers() {
    // Azure's signatures name no headers, but it must know the kind of the blob.
    const isAzure = this.#url.searchParams.has('sig') && this.#url.searchParams.has('sv');
    return {
      'content-length': String(this.#bytes),
      ...(isAzure && { 'x-ms-blob-type': 'BlockBlob' }),
      ...(!this.#overwrite && { 'if-none-match': '*' }),
    };
  }

  abort = async () => {
    // The stream may have closed it.
    await this.#file.close().catch(() => {});
    await this.#remove();
  };

  async #remove() {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** @param {string} name @param {unknown} cause */
const unknownOutcome = (name, cause) =>
  new PetitError('publish_unknown', `${name}: the store did not say whether it has the file`, {
    cause,
    hint: 'Look whether the file is there. Then run again with a new address, and with --overwrite if it is there.',
  });
