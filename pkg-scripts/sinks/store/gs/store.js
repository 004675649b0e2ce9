import { createHash } from 'node:crypto';
import { StoreError } from '../errors.js';
import { listObjects } from '../list-objects.js';
import { StoreTransport } from '../transport.js';
import { findSigner } from './signer.js';
import { GcsUpload } from './upload.js';

/** @import { SinkContext } from '../../../types.js' */
/** @import { ObjectInfo, Store, Upload, UploadOptions } from '../store.js' */
/** @import { StoreRequest } from '../transport.js' */

/** Metadata of an object by which the run that made it knows it again. */
export const MARK = 'x-goog-meta-petit-upload';
/** The generation of an object: `0` stands for none. */
const IF_GENERATION = 'x-goog-if-generation-match';
const GENERATION = 'x-goog-generation';

/**
 * A bucket of Google Cloud Storage, by its XML API. The ETag of an object is its generation, because Google's conditions on
 * writes are about generations.
 * @implements {Store}
 */
export class GcsStore {
  #bucket;
  #transport;
  #context;

  /** @param {string} bucket @param {StoreTransport} transport @param {SinkContext} context */
  constructor(bucket, transport, context) {
    this.#bucket = bucket;
    this.#transport = transport;
    this.#context = context;
  }

  /**
   * @param {string} bucket
   * @param {SinkContext} context
   * @param {NodeJS.ProcessEnv} env
   */
  static async open(bucket, context, env) {
    const signer = await findSigner(bucket, env, context);
    return new GcsStore(bucket, new StoreTransport(signer, context), context);
  }

  /** @param {string} key */
  url(key) {
    return `gs://${this.#bucket}/${key}`;
  }

  /**
   * @param {string} key
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<ObjectInfo | 'absent' | 'hidden'>}
   */
  async head(key, options) {
    const answer = await this.send(key, { method: 'HEAD', key }, { ...options, expected: [403, 404] });
    if (answer.status === 404) return 'absent';
    if (answer.status === 403) return 'hidden';
    return {
      etag: answer.headers.get(GENERATION) ?? '',
      bytes: BigInt(answer.headers.get('content-length') ?? 0),
      mark: answer.headers.get(MARK) ?? undefined,
    };
  }

  /** @param {string} key */
  async get(key) {
    const { status, headers, text } = await this.send(key, { method: 'GET', key }, { expected: [404] });
    if (status === 404) return undefined;
    const modified = new Date(headers.get('last-modified') ?? 0).toISOString();
    return { text, etag: headers.get(GENERATION) ?? '', modified };
  }

  /** @param {string} key @param {number} start @param {number} end @param {string} etag */
  async range(key, start, end, etag) {
    const headers = { range: `bytes=${start}-${end - 1}`, [IF_GENERATION]: etag };
    const { status, bytes } = await this.send(key, { method: 'GET', key, headers }, { expected: [404, 412] });
    return status === 206 ? bytes : undefined;
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {{ ifMatch?: string | undefined, ifAbsent?: boolean, mark: string }} options
   * @returns {Promise<string | undefined>}
   */
  async put(key, text, { ifMatch, ifAbsent = false, mark }) {
    const generation = ifAbsent ? '0' : ifMatch;
    const headers = {
      ...{ [MARK]: mark, 'content-type': 'application/json' },
      ...(generation !== undefined && { [IF_GENERATION]: generation }),
    };
    const body = new TextEncoder().encode(text);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const request = { method: 'PUT', key, headers, body, sha256 };
    const answer = await this.send(key, request, { expected: [409, 412] });
    if (answer.status < 300) return answer.headers.get(GENERATION) ?? '';
    // The answer of an earlier attempt may have been lost.
    const found = await this.head(key);
    return typeof found === 'object' && found.mark === mark ? found.etag : undefined;
  }

  /** @param {string} key */
  async remove(key) {
    await this.send(key, { method: 'DELETE', key }, { expected: [404] });
  }

  /** @param {string} prefix */
  list(prefix) {
    return listObjects((query) => this.send(prefix, { method: 'GET', query }), prefix, 'Generation');
  }

  /** @param {string} prefix */
  async check(prefix) {
    const query = { 'list-type': '2', prefix, 'max-keys': '1' };
    try {
      await this.send(prefix, { method: 'GET', query });
    } catch (error) {
      // A right to write alone is enough.
      if (!(error instanceof StoreError) || error.storeCode !== 'AccessDenied') throw error;
    }
  }

  /** Google lists no resumable uploads. It deletes them after a week. */
  async listUploads() {
    return [];
  }

  async uploadedBytes() {
    return 0n;
  }

  async abortUpload() {
    return false;
  }

  /**
   * Starts a resumable upload: uploads in parts know no conditions. Google checks the condition when the object appears.
   * @param {string} key
   * @param {UploadOptions} options
   * @returns {Promise<Upload>}
   */
  async startUpload(key, { mark, type = 'application/octet-stream', condition }) {
    const generation = await this.#generation(key, condition);
    const headers = {
      ...{ [MARK]: mark, 'content-type': type, 'x-goog-resumable': 'start' },
      ...(generation !== undefined && { [IF_GENERATION]: generation }),
    };
    const { headers: answered } = await this.send(key, { method: 'POST', key, headers });
    const session = answered.get('location');
    if (!session)
      throw new StoreError('store_error', `${this.url(key)}: the store started no upload`, '', {});
    // The address proves the right to write the object.
    this.#context.hideSecret?.(new URL(session).search.slice(1));
    return new GcsUpload(this, { key, session });
  }

  /** @param {string} key @param {UploadOptions['condition']} condition */
  async #generation(key, condition) {
    if (condition === undefined) return undefined;
    const found = condition === 'absent' ? 'absent' : await this.head(key);
    return typeof found === 'object' ? found.etag : '0';
  }

  /**
   * @param {string} key for messages
   * @param {StoreRequest} request
   * @param {Parameters<StoreTransport['send']>[2]} [options]
   */
  send(key, request, options) {
    return this.#transport.send(this.url(key), request, options);
  }

  /**
   * @param {string} key for messages
   * @param {StoreRequest} request
   * @param {Parameters<StoreTransport['sendOnce']>[2]} options
   */
  sendOnce(key, request, options) {
    return this.#transport.sendOnce(this.url(key), request, options);
  }
}
