import { createHash } from 'node:crypto';
import { StoreError } from '../errors.js';
import { listObjects } from '../list-objects.js';
import { StoreTransport } from '../transport.js';
import { childrenOf, escapeXml, parseAnswer, textOf } from '../xml.js';
import { findCredentials } from './credentials.js';
import { findEndpoint } from './endpoint.js';
import { S3Signer } from './signer.js';

/** @import { SinkContext } from '../../../types.js' */
/** @import { ObjectInfo, Store, UploadedPart, UploadInfo, Upload } from '../store.js' */
/** @import { StoreAnswer, StoreRequest } from '../transport.js' */

/** Metadata of an object by which the run that made it knows it again. */
const MARK = 'x-amz-meta-petit-upload';
/** Pages of a listing that are read, of 1,000 entries each. */
const MAX_PAGES = 10_000;
/** The answer of a store that does not know a condition. */
const NOT_IMPLEMENTED = 501;

/**
 * A bucket of S3, or of a store with its API.
 * @implements {Store}
 */
export class S3Store {
  #bucket;
  #transport;
  /** Whether the store knows conditions on writes. */
  knowsConditions = true;

  /**
   * @param {string} bucket
   * @param {StoreTransport} transport
   */
  constructor(bucket, transport) {
    this.#bucket = bucket;
    this.#transport = transport;
  }

  /**
   * @param {string} bucket
   * @param {SinkContext} context
   * @param {NodeJS.ProcessEnv} env
   */
  static async open(bucket, context, env) {
    const endpoint = findEndpoint(bucket, env, context);
    const credentials = await findCredentials(env);
    return new S3Store(bucket, new StoreTransport(new S3Signer(endpoint, credentials), context));
  }

  /** @param {string} key */
  url(key) {
    return `s3://${this.#bucket}/${key}`;
  }

  /**
   * What is at a key.
   * @param {string} key
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<ObjectInfo | 'absent' | 'hidden'>} `hidden`: the credentials may not see it
   */
  async head(key, options) {
    const request = { method: 'HEAD', key };
    const { status, headers } = await this.#send(key, request, { ...options, expected: [403, 404] });
    if (status === 404) return 'absent';
    if (status === 403) return this.#whyHidden(key, options);
    return infoOf(headers);
  }

  /**
   * HEAD answers have no reason. Without the right to list, a missing object is denied, too.
   * @param {string} key
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<'hidden' | 'absent'>}
   */
  async #whyHidden(key, options) {
    try {
      await this.#send(key, { method: 'GET', key, headers: { range: 'bytes=0-0' } }, options);
    } catch (error) {
      if (error instanceof StoreError && error.status === 404) return 'absent';
      if (!(error instanceof StoreError) || error.storeCode !== 'AccessDenied') throw error;
    }
    return 'hidden';
  }

  /**
   * A small object.
   * @param {string} key
   * @returns {Promise<{ text: string, etag: string, modified: string } | undefined>}
   */
  async get(key) {
    const { status, headers, text } = await this.#send(key, { method: 'GET', key }, { expected: [404] });
    const modified = new Date(headers.get('last-modified') ?? 0).toISOString();
    return status === 404 ? undefined : { text, etag: headers.get('etag') ?? '', modified };
  }

  /**
   * A part of an object, while it is the one with this ETag.
   * @param {string} key
   * @param {number} start
   * @param {number} end
   * @param {string} etag
   * @returns {Promise<Uint8Array | undefined>}
   */
  async range(key, start, end, etag) {
    const headers = { range: `bytes=${start}-${end - 1}`, 'if-match': etag };
    const { status, bytes } = await this.#send(
      key,
      { method: 'GET', key, headers },
      { expected: [404, 412] },
    );
    return status === 206 ? bytes : undefined;
  }

  /**
   * Writes a small object.
   * @param {string} key
   * @param {string} text
   * @param {{ ifMatch?: string | undefined, ifAbsent?: boolean, mark: string }} options
   * @returns {Promise<string | undefined>} its ETag; undefined if the condition does not hold
   */
  async put(key, text, { ifMatch, ifAbsent = false, mark }) {
    const condition = {
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      ...(ifAbsent && { 'if-none-match': '*' }),
    };
    const body = new TextEncoder().encode(text);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const request = { method: 'PUT', key, body, sha256, headers: { [MARK]: mark } };
    const conditional = { ...request, headers: { ...request.headers, ...condition } };
    const answer = await this.#send(key, this.knowsConditions ? conditional : request, {
      expected: [409, 412, NOT_IMPLEMENTED],
    });
    if (answer.status === NOT_IMPLEMENTED && this.knowsConditions) {
      this.knowsConditions = false;
      return this.put(key, text, { mark });
    }
    if (answer.status < 300) return answer.headers.get('etag') ?? '';
    // The answer of an earlier attempt may have been lost.
    const found = await this.head(key);
    return typeof found === 'object' && found.mark === mark ? found.etag : undefined;
  }

  /**
   * Deletes an object. One that is absent is no error.
   * @param {string} key
   */
  async remove(key) {
    await this.#send(key, { method: 'DELETE', key }, { expected: [404] });
  }

  /**
   * The objects whose keys begin with `prefix`.
   * @param {string} prefix
   * @returns {AsyncGenerator<{ key: string, etag: string, bytes: string, modified: string }>}
   */
  list(prefix) {
    return listObjects((query) => this.#send(prefix, { method: 'GET', query }), prefix, 'ETag');
  }

  /**
   * Whether the bucket is there, and the credentials are known.
   * @param {string} prefix
   */
  async check(prefix) {
    const query = { 'list-type': '2', prefix, 'max-keys': '1' };
    try {
      await this.#send(prefix, { method: 'GET', query });
    } catch (error) {
      // A right to write alone is enough.
      if (!(error instanceof StoreError) || error.storeCode !== 'AccessDenied') throw error;
    }
  }

  /**
   * The uploads that are not complete.
   * @param {string} prefix of their keys
   * @returns {Promise<UploadInfo[]>}
   */
  async listUploads(prefix) {
    /** @type {UploadInfo[]} */
    const uploads = [];
    let marker = {};
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { uploads: '', prefix, ...marker };
      const root = parseAnswer((await this.#send(prefix, { method: 'GET', query })).text);
      for (const item of childrenOf(root, 'Upload')) {
        const [key = '', uploadId = '', initiated = ''] = ['Key', 'UploadId', 'Initiated'].map((name) =>
          textOf(item, name),
        );
        uploads.push({ key, uploadId, initiated });
      }
      const [key = '', uploadId = ''] = ['NextKeyMarker', 'NextUploadIdMarker'].map((name) =>
        textOf(root, name),
      );
      if (textOf(root, 'IsTruncated') !== 'true' || !key) break;
      marker = { 'key-marker': key, 'upload-id-marker': uploadId };
    }
    return uploads;
  }

  /**
   * The bytes of an unfinished upload; 0 if it has ended meanwhile.
   * @param {string} key
   * @param {string} uploadId
   */
  async uploadedBytes(key, uploadId) {
    let [bytes, marker] = [0n, ''];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { uploadId, ...(marker && { 'part-number-marker': marker }) };
      const { text } = await this.#send(key, { method: 'GET', key, query }, { expected: [404] });
      const root = parseAnswer(text);
      for (const part of childrenOf(root, 'Part')) bytes += BigInt(textOf(part, 'Size') ?? 0);
      marker = textOf(root, 'NextPartNumberMarker') ?? '';
      if (textOf(root, 'IsTruncated') !== 'true' || !marker) break;
    }
    return bytes;
  }

  /**
   * Starts an upload in parts.
   * @param {string} key
   * @param {{ mark: string, type?: string }} options
   * @returns {Promise<S3Upload>}
   */
  async startUpload(key, { mark, type = 'application/octet-stream' }) {
    const headers = { [MARK]: mark, 'content-type': type, 'x-amz-checksum-algorithm': 'SHA256' };
    const answer = await this.#send(key, { method: 'POST', key, query: { uploads: '' }, headers });
    const uploadId = textOf(parseAnswer(answer.text), 'UploadId');
    if (!uploadId)
      throw new StoreError('store_error', `${this.url(key)}: the store started no upload`, '', {});
    const isChecked = answer.headers.get('x-amz-checksum-algorithm') === 'SHA256';
    return new S3Upload(this, this.#transport, { key, uploadId, isChecked });
  }

  /**
   * Deletes the parts of an upload, which can then no longer be completed.
   * @param {string} key
   * @param {string} uploadId
   * @param {{ signal?: AbortSignal | undefined, retryTimeoutMs?: number }} [options]
   * @returns {Promise<boolean>} whether it was there
   */
  async abortUpload(key, uploadId, options) {
    const request = { method: 'DELETE', key, query: { uploadId } };
    return (await this.#send(key, request, { ...options, expected: [404] })).status !== 404;
  }

  /**
   * @param {string} key for messages
   * @param {StoreRequest} request
   * @param {Parameters<StoreTransport['send']>[2]} [options]
   * @returns {Promise<StoreAnswer>}
   */
  #send(key, request, options) {
    return this.#transport.send(this.url(key), request, options);
  }
}

/**
 * An upload in parts. The object appears when it is completed.
 * @implements {Upload}
 */
class S3Upload {
  #store;
  #transport;
  #isChecked;

  /**
   * @param {S3Store} store
   * @param {StoreTransport} transport
   * @param {{ key: string, uploadId: string, isChecked: boolean }} upload `isChecked`: the store compares SHA-256
   */
  constructor(store, transport, { key, uploadId, isChecked }) {
    this.#store = store;
    this.#transport = transport;
    this.key = key;
    this.uploadId = uploadId;
    this.#isChecked = isChecked;
  }

  /**
   * @param {number} number from 1
   * @param {Uint8Array} bytes
   * @param {AbortSignal} signal
   * @returns {Promise<UploadedPart>}
   */
  async putPart(number, bytes, signal) {
    const hash = createHash('sha256').update(bytes).digest();
    const sha256 = this.#isChecked ? hash.toString('base64') : undefined;
    const request = {
      ...{ method: 'PUT', key: this.key, body: bytes, sha256: hash.toString('hex') },
      query: { partNumber: String(number), uploadId: this.uploadId },
      ...(sha256 !== undefined && { headers: { 'x-amz-checksum-sha256': sha256 } }),
    };
    const { headers } = await this.#transport.send(this.#store.url(this.key), request, { signal });
    return { number, etag: headers.get('etag') ?? '', sha256 };
  }

  /**
   * Asks the store once to make the object appear. Its answer says nothing certain if it is an error.
   * @param {UploadedPart[]} parts
   * @param {{ overwrite: boolean, signal: AbortSignal }} options
   * @returns {Promise<'done' | 'exists' | 'gone' | 'conflict' | 'no_condition'>} `gone`: there is no such upload
   */
  async complete(parts, { overwrite, signal }) {
    const url = this.#store.url(this.key);
    const isConditional = !overwrite && this.#store.knowsConditions;
    const request = {
      ...{ method: 'POST', key: this.key, query: { uploadId: this.uploadId }, body: completionOf(parts) },
      headers: { 'content-type': 'application/xml', ...(isConditional && { 'if-none-match': '*' }) },
    };
    const options = { signal, expected: [404, 409, 412, ...(isConditional ? [NOT_IMPLEMENTED] : [])] };
    const answer = await this.#transport.sendOnce(url, request, options);
    const inside = this.#transport.errorInside(url, answer);
    switch (answer.status) {
      case 404:
        if (inside?.storeCode === 'NoSuchUpload') return 'gone';
        throw inside ?? new StoreError('store_error', `${url}: not found`, '', {});
      case 409:
        return 'conflict';
      case 412:
        return 'exists';
      case NOT_IMPLEMENTED:
        this.#store.knowsConditions = false;
        return 'no_condition';
      default:
        if (inside) throw inside;
        return 'done';
    }
  }

  /** @param {{ signal?: AbortSignal | undefined, retryTimeoutMs?: number }} [options] */
  abort(options) {
    return this.#store.abortUpload(this.key, this.uploadId, options);
  }
}

/** @param {UploadedPart[]} parts */
function completionOf(parts) {
  const items = parts.map(({ number, etag, sha256 }) => {
    const checksum = sha256 === undefined ? '' : `<ChecksumSHA256>${sha256}</ChecksumSHA256>`;
    return `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag>${checksum}</Part>`;
  });
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${items.join('')}</CompleteMultipartUpload>`;
}

/** @param {Headers} headers @returns {ObjectInfo} */
const infoOf = (headers) => ({
  etag: headers.get('etag') ?? '',
  bytes: BigInt(headers.get('content-length') ?? 0),
  mark: headers.get(MARK) ?? undefined,
});
