import { AwsV4Signer } from 'aws4fetch';
import { EXPIRED_CODES } from '../errors.js';
import { byteLength, encodeStrictly } from '../transport.js';

/** @import { StoreError } from '../errors.js' */
/** @import { SignedRequest, Signer, StoreRequest } from '../transport.js' */
/** @import { Credentials, CredentialSource } from './credentials.js' */
/** @import { S3Endpoint } from './endpoint.js' */

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * Signs requests to a bucket with version 4 of AWS's signatures.
 * @implements {Signer}
 */
export class S3Signer {
  #endpoint;
  #source;
  #region;
  #skewMs = 0;
  /** @type {Map<string, ArrayBuffer>} keys that aws4fetch derives once a day */
  #cache = new Map();
  /** Those of the last request. @type {Credentials | undefined} */
  #credentials;

  /**
   * @param {S3Endpoint} endpoint
   * @param {CredentialSource} source
   */
  constructor(endpoint, source) {
    this.#endpoint = endpoint;
    this.#source = source;
    this.#region = endpoint.region;
  }

  async secrets() {
    const { secretAccessKey, sessionToken } = await this.#source.get();
    return [secretAccessKey, ...(sessionToken ? [sessionToken] : [])];
  }

  /**
   * @param {StoreRequest} request
   * @returns {Promise<SignedRequest>}
   */
  async sign({ method, key, query = {}, headers = {}, body, sha256 }) {
    this.#credentials = await this.#source.get();
    const path = key === undefined ? '' : `/${key.split('/').map(encodeStrictly).join('/')}`;
    const search = Object.entries(query).map(
      ([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`,
    );
    const hash = body === undefined ? EMPTY_SHA256 : (sha256 ?? 'UNSIGNED-PAYLOAD');
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials;
    const datetime = new Date(Date.now() + this.#skewMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
    /** @type {Record<string, string>} */
    const length = body === undefined ? {} : { 'content-length': String(byteLength(body)) };
    return new AwsV4Signer({
      ...{ method, accessKeyId, secretAccessKey, datetime, service: 's3', region: this.#region },
      ...(sessionToken && { sessionToken }),
      url: `${this.#endpoint.bucketUrl(this.#region)}${path || '/'}${search.length > 0 ? `?${search.join('&')}` : ''}`,
      headers: { ...headers, ...length, 'x-amz-content-sha256': hash },
      cache: this.#cache,
    }).sign();
  }

  /**
   * @param {StoreError} error
   * @param {Headers} headers of the answer
   */
  async correct(error, headers) {
    const region = headers.get('x-amz-bucket-region');
    if (region && region !== this.#region && !this.#endpoint.isCustom) {
      this.#region = region;
      return true;
    }
    const date = Date.parse(headers.get('date') ?? '');
    if (error.storeCode === 'RequestTimeTooSkewed' && !Number.isNaN(date)) {
      this.#skewMs = date - Date.now();
      return true;
    }
    const rejected = this.#credentials;
    return EXPIRED_CODES.has(error.storeCode) && rejected !== undefined && this.#source.renew(rejected);
  }
}
