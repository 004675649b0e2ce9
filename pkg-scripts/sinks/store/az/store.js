import { createHash, randomBytes } from 'node:crypto';
import { StoreError } from '../errors.js';
import { StoreTransport } from '../transport.js';
import { childrenOf, parseAnswer, textOf } from '../xml.js';
import { AzureSigner, findAccount } from './signer.js';

/** @import { SinkContext } from '../../../types.js' */
/** @import { ObjectInfo, RequestOptions, Store, Upload, UploadedPart, UploadOptions } from '../store.js' */
/** @import { StoreRequest } from '../transport.js' */

/** Metadata of a blob by which the run that made it knows it again. */
const MARK = 'x-ms-meta-petit_upload';
/** Pages of a listing that are read, of 5,000 entries each. */
const MAX_PAGES = 10_000;

/**
 * A container of Azure Blob Storage.
 * @implements {Store}
 */
export class AzureStore {
  #container;
  #transport;

  /** @param {string} container @param {StoreTransport} transport */
  constructor(container, transport) {
    this.#container = container;
    this.#transport = transport;
  }

  /**
   * @param {string} container
   * @param {SinkContext} context
   * @param {NodeJS.ProcessEnv} env
   */
  static async open(container, context, env) {
    const signer = new AzureSigner(findAccount(env, context), container);
    return new AzureStore(container, new StoreTransport(signer, context));
  }

  /** @param {string} key */
  url(key) {
    return `az://${this.#container}/${key}`;
  }

  /**
   * @param {string} key
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<ObjectInfo | 'absent' | 'hidden'>}
   */
  async head(key, options) {
    const answer = await this.send(key, { method: 'HEAD', key }, { ...options, expected: [403, 404] });
    const code = answer.headers.get('x-ms-error-code');
    if (answer.status === 404 && code === 'ContainerNotFound') throw this.#noContainer(key);
    if (answer.status === 404) return 'absent';
    if (answer.status === 403 && code === 'AuthenticationFailed')
      throw new StoreError('store_refused', `${this.url(key)}: ${code}`, code, { status: 403 });
    if (answer.status === 403) return 'hidden';
    return {
      etag: answer.headers.get('etag') ?? '',
      bytes: BigInt(answer.headers.get('content-length') ?? 0),
      mark: answer.headers.get(MARK) ?? undefined,
    };
  }

  /** @param {string} key */
  #noContainer(key) {
    const hint = 'Check the name of the container and the account. petit creates no containers.';
    const details = { status: 404, hint };
    return new StoreError(
      'store_refused',
      `${this.url(key)}: ContainerNotFound`,
      'ContainerNotFound',
      details,
    );
  }

  /** @param {string} key */
  async get(key) {
    const { status, headers, text } = await this.send(key, { method: 'GET', key }, { expected: [404] });
    if (status === 404) return undefined;
    const modified = isoTime(headers.get('last-modified') ?? '');
    return { text, etag: headers.get('etag') ?? '', modified };
  }

  /** @param {string} key @param {number} start @param {number} end @param {string} etag */
  async range(key, start, end, etag) {
    const headers = { 'x-ms-range': `bytes=${start}-${end - 1}`, 'if-match': etag };
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
    const headers = {
      ...{ [MARK]: mark, 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/json' },
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      ...(ifAbsent && { 'if-none-match': '*' }),
    };
    const body = new TextEncoder().encode(text);
    const answer = await this.send(key, { method: 'PUT', key, headers, body }, { expected: [404, 409, 412] });
    if (answer.status < 300) return answer.headers.get('etag') ?? '';
    // The answer of an earlier attempt may have been lost.
    const found = await this.head(key);
    return typeof found === 'object' && found.mark === mark ? found.etag : undefined;
  }

  /** @param {string} key */
  async remove(key) {
    await this.send(key, { method: 'DELETE', key }, { expected: [404] });
  }

  /** @param {string} prefix */
  async *list(prefix) {
    let marker = '';
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const root = await this.#listPage(prefix, marker && { marker });
      for (const blob of childrenOf(childrenOf(root, 'Blobs')[0], 'Blob')) {
        const properties = childrenOf(blob, 'Properties')[0];
        yield {
          key: textOf(blob, 'Name') ?? '',
          etag: textOf(properties, 'Etag') ?? '',
          bytes: textOf(properties, 'Content-Length') ?? '',
          modified: isoTime(textOf(properties, 'Last-Modified') ?? ''),
        };
      }
      marker = textOf(root, 'NextMarker') ?? '';
      if (!marker) return;
    }
  }

  /** @param {string} prefix */
  async check(prefix) {
    try {
      await this.#listPage(prefix, { maxresults: '1' });
    } catch (error) {
      // A right to write alone is enough.
      if (!(error instanceof StoreError) || !error.storeCode.startsWith('Authorization')) throw error;
    }
  }

  /**
   * @param {string} prefix
   * @param {Record<string, string> | ''} more
   */
  async #listPage(prefix, more) {
    const query = { restype: 'container', comp: 'list', prefix, ...(more || {}) };
    return parseAnswer((await this.send(prefix, { method: 'GET', query })).text);
  }

  /** Blocks that no blob has cannot be deleted. Azure deletes them after a week. */
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
   * Begins an upload, which Azure knows by its first block.
   * @param {string} key
   * @param {UploadOptions} options
   * @returns {Promise<Upload>}
   */
  async startUpload(key, { mark, type = 'application/octet-stream' }) {
    return new AzureUpload(this, { key, uploadId: randomBytes(12).toString('hex'), mark, type });
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

/**
 * Blocks of a blob. The blob appears, or is replaced, when they are listed.
 * @implements {Upload}
 */
class AzureUpload {
  #store;
  #mark;
  #type;
  /** @type {Set<string>} */
  #blocks = new Set();

  /**
   * @param {AzureStore} store
   * @param {{ key: string, uploadId: string, mark: string, type: string }} upload
   */
  constructor(store, { key, uploadId, mark, type }) {
    this.#store = store;
    this.key = key;
    this.uploadId = uploadId;
    this.#mark = mark;
    this.#type = type;
  }

  /**
   * @param {number} number
   * @param {Uint8Array} bytes
   * @param {AbortSignal} signal
   * @returns {Promise<UploadedPart>}
   */
  async putPart(number, bytes, signal) {
    // All ids of a blob have the same length.
    const name = `${this.uploadId}-${String(number).padStart(6, '0')}`;
    const id = Buffer.from(name).toString('base64');
    if (bytes.length > 0) {
      const headers = {
        'content-type': 'application/octet-stream',
        'content-md5': createHash('md5').update(bytes).digest('base64'),
      };
      const query = { comp: 'block', blockid: id };
      const request = { method: 'PUT', key: this.key, query, headers, body: bytes };
      await this.#store.send(this.key, request, { signal });
      this.#blocks.add(id);
    }
    return { number, etag: bytes.length > 0 ? id : '', sha256: undefined };
  }

  /**
   * @param {UploadedPart[]} parts
   * @param {{ overwrite: boolean, signal: AbortSignal }} options
   * @returns {Promise<'done' | 'exists' | 'gone' | 'conflict'>}
   */
  async complete(parts, { overwrite, signal }) {
    // A block has at least one byte; a blob without bytes has no block.
    const ids = parts.filter(({ etag }) => etag !== '').map(({ etag }) => `<Latest>${etag}</Latest>`);
    const headers = {
      ...{ [MARK]: this.#mark, 'x-ms-blob-content-type': this.#type, 'content-type': 'application/xml' },
      ...(!overwrite && { 'if-none-match': '*' }),
    };
    const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.join('')}</BlockList>`;
    const request = { method: 'PUT', key: this.key, query: { comp: 'blocklist' }, headers, body };
    try {
      const { status } = await this.#store.sendOnce(this.key, request, { signal, expected: [409, 412] });
      return status < 300 ? 'done' : 'exists';
    } catch (error) {
      // Another upload to the same blob discards these blocks when it is complete.
      if (error instanceof StoreError && error.storeCode === 'InvalidBlockList') return 'gone';
      throw error;
    }
  }

  /**
   * Asks whether the blocks are still there, and so not part of the blob. They cannot be deleted.
   * @param {RequestOptions} [options]
   */
  async abort(options = {}) {
    if (this.#blocks.size === 0) return false;
    const query = { comp: 'blocklist', blocklisttype: 'uncommitted' };
    const request = { method: 'GET', key: this.key, query };
    const { text } = await this.#store.send(this.key, request, { ...options, expected: [404] });
    const blocks = childrenOf(childrenOf(parseAnswer(text), 'UncommittedBlocks')[0], 'Block');
    return blocks.some((block) => this.#blocks.has(textOf(block, 'Name') ?? ''));
  }
}

/** @param {string} text */
const isoTime = (text) => new Date(text || 0).toISOString();
