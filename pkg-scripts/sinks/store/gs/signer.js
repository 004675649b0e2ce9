import { createHash, createHmac, createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PetitError } from '../../../driver/errors.js';
import { checkedUrl } from '../checked-url.js';
import { byteLength, encodeStrictly } from '../transport.js';

/** @import { StoreError } from '../errors.js' */
/** @import { SignedRequest, Signer, StoreRequest } from '../transport.js' */

const ENDPOINT = 'https://storage.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
const TOKEN_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** A token that expires sooner is replaced, in milliseconds. */
const MIN_LIFETIME_MS = 5 * 60_000;
const TOKEN_TIMEOUT_MS = 30_000;
/** Location and service of a signature. The location can be any text for Google. */
const SIGNED_SCOPE = 'auto/storage/goog4_request';

/**
 * A key of a service account: the parts of its JSON file that petit uses.
 * @typedef {{ client_email: string, private_key: string, private_key_id?: string, token_uri: string }} ServiceAccount
 *
 * @typedef {{ accessId: string, secret: string }} HmacKey
 */

/**
 * Signs requests to a bucket as the environment says: by an HMAC key, a token, or the key of a service account.
 * @param {string} bucket
 * @param {NodeJS.ProcessEnv} env
 * @param {{ allowHttp?: boolean | undefined }} options
 * @returns {Promise<Signer>}
 */
export async function findSigner(bucket, env, { allowHttp = false }) {
  const custom = env.STORAGE_EMULATOR_HOST;
  const address = custom && !/^https?:/.test(custom) ? `http://${custom}` : custom;
  const base = address ? checkedUrl('STORAGE_EMULATOR_HOST', address, allowHttp) : ENDPOINT;
  const url = `${base}/${bucket}`;
  const token = env.GOOGLE_OAUTH_ACCESS_TOKEN || env.CLOUDSDK_AUTH_ACCESS_TOKEN;
  if (token) return new TokenSigner(url, async () => ({ token, expires: Number.POSITIVE_INFINITY }));
  const { GOOGLE_HMAC_ACCESS_ID: accessId, GOOGLE_HMAC_SECRET: secret } = env;
  if (accessId && secret) return new HmacSigner(url, { accessId, secret });
  const path = env.GOOGLE_APPLICATION_CREDENTIALS;
  if (path) {
    const account = await readServiceAccount(path);
    return new TokenSigner(url, () => fetchToken(account), [account.private_key]);
  }
  throw new PetitError('missing_credentials', 'there are no credentials for Google Cloud Storage', {
    hint: 'Set GOOGLE_OAUTH_ACCESS_TOKEN, GOOGLE_HMAC_ACCESS_ID with GOOGLE_HMAC_SECRET, or GOOGLE_APPLICATION_CREDENTIALS with the path of the key of a service account.',
  });
}

/** @param {string} path @returns {Promise<ServiceAccount>} */
async function readServiceAccount(path) {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new PetitError('missing_credentials', `GOOGLE_APPLICATION_CREDENTIALS: ${error.message}`);
  });
  const account = parseObject(text);
  const { client_email, private_key, token_uri } = account;
  if (account.type === 'service_account' && client_email && private_key && token_uri)
    return /** @type {ServiceAccount} */ (/** @type {unknown} */ (account));
  throw new PetitError(
    'missing_credentials',
    'the file of GOOGLE_APPLICATION_CREDENTIALS is not the key of a service account',
    {
      hint: 'For other accounts, set GOOGLE_OAUTH_ACCESS_TOKEN to the output of: gcloud auth print-access-token',
    },
  );
}

/** @param {string} text @returns {Record<string, unknown>} */
function parseObject(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // The caller says what is missing.
  }
}

/**
 * A token for a service account (RFC 7523).
 * @param {ServiceAccount} account
 */
async function fetchToken({ client_email: iss, private_key: key, private_key_id: kid, token_uri: aud }) {
  const now = Math.floor(Date.now() / 1000);
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss, scope: SCOPE, aud, iat: now, exp: now + 3600 };
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT', ...(kid && { kid }) })}.${part(claims)}`;
  const assertion = `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key, 'base64url')}`;
  const body = new URLSearchParams({ grant_type: TOKEN_GRANT, assertion });
  const response = await fetch(aud, { method: 'POST', body, signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS) });
  const { access_token: token, expires_in: seconds = 3600, error } = parseObject(await response.text());
  if (typeof token === 'string') return { token, expires: Date.now() + Number(seconds) * 1000 };
  const reason =
    typeof error === 'string' ? error.replace(/\W/g, ' ').slice(0, 80) : `status ${response.status}`;
  throw new PetitError('store_refused', `Google gives no token to the service account: ${reason}`);
}

/** @param {string} bucketUrl @param {StoreRequest} request */
function urlOf(bucketUrl, { key, url, query = {} }) {
  if (url !== undefined) return url;
  const path = key === undefined ? '/' : `/${key.split('/').map(encodeStrictly).join('/')}`;
  const search = Object.entries(query)
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .sort();
  return `${bucketUrl}${path}${search.length > 0 ? `?${search.join('&')}` : ''}`;
}

/** @param {StoreRequest} request @returns {Record<string, string>} */
const lengthOf = ({ body, method }) => {
  if (body !== undefined) return { 'content-length': String(byteLength(body)) };
  return method === 'PUT' || method === 'POST' ? { 'content-length': '0' } : {};
};

/** @implements {Signer} */
class TokenSigner {
  #bucketUrl;
  #provide;
  #secrets;
  /** @type {Promise<{ token: string, expires: number }> | undefined} */
  #current;

  /**
   * @param {string} bucketUrl
   * @param {() => Promise<{ token: string, expires: number }>} provide
   * @param {string[]} [secrets]
   */
  constructor(bucketUrl, provide, secrets = []) {
    this.#bucketUrl = bucketUrl;
    this.#provide = provide;
    this.#secrets = secrets;
  }

  async secrets() {
    return [(await this.#get()).token, ...this.#secrets];
  }

  async #get() {
    const current = await this.#current?.catch(() => undefined);
    if (!current || current.expires - Date.now() < MIN_LIFETIME_MS) this.#current = this.#provide();
    return /** @type {Promise<{ token: string, expires: number }>} */ (this.#current);
  }

  /** @param {StoreRequest} request @returns {Promise<SignedRequest>} */
  async sign(request) {
    const { token } = await this.#get();
    // The address of an upload proves the right to write, and may be one of another host.
    const authorization = request.url === undefined && { authorization: `Bearer ${token}` };
    const headers = { ...request.headers, ...lengthOf(request), ...authorization };
    return { url: urlOf(this.#bucketUrl, request), method: request.method, headers };
  }

  /** A token is not replaced before it expires. */
  correct() {
    return false;
  }
}

/**
 * Signs with an HMAC key, by version 4 of Google's signatures.
 * @implements {Signer}
 */
class HmacSigner {
  #bucketUrl;
  #key;
  #skewMs = 0;

  /** @param {string} bucketUrl @param {HmacKey} key */
  constructor(bucketUrl, key) {
    this.#bucketUrl = bucketUrl;
    this.#key = key;
  }

  async secrets() {
    return [this.#key.secret];
  }

  /** @param {StoreRequest} request @returns {Promise<SignedRequest>} */
  async sign(request) {
    if (request.url !== undefined) {
      // The address of an upload proves the right to write, and may be one of another host.
      const headers = { ...request.headers, ...lengthOf(request) };
      return { url: request.url, method: request.method, headers };
    }
    const url = new URL(urlOf(this.#bucketUrl, request));
    const date = new Date(Date.now() + this.#skewMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
    const hash = request.body === undefined ? sha256('') : (request.sha256 ?? 'UNSIGNED-PAYLOAD');
    /** @type {Record<string, string>} */
    const headers = {
      ...request.headers,
      ...{ host: url.host, 'x-goog-date': date, 'x-goog-content-sha256': hash },
    };
    const authorization = this.#authorization(request.method, url, headers);
    const { host, ...sent } = headers;
    return { url, method: request.method, headers: { ...sent, ...lengthOf(request), authorization } };
  }

  /** @param {string} method @param {URL} url @param {Record<string, string>} headers */
  #authorization(method, url, headers) {
    const { accessId, secret } = this.#key;
    const date = headers['x-goog-date'] ?? '';
    const names = Object.keys(headers).sort();
    const canonical = [
      ...[method, url.pathname, url.search.slice(1)],
      ...names.map((name) => `${name}:${headers[name]?.trim()}`),
      ...['', names.join(';'), headers['x-goog-content-sha256'] ?? ''],
    ].join('\n');
    const scope = `${date.slice(0, 8)}/${SIGNED_SCOPE}`;
    const text = ['GOOG4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
    const key = scope
      .split('/')
      .reduce(
        (previous, part) => createHmac('sha256', previous).update(part).digest(),
        /** @type {Buffer} */ (Buffer.from(`GOOG4${secret}`)),
      );
    const signature = createHmac('sha256', key).update(text).digest('hex');
    return `GOOG4-HMAC-SHA256 Credential=${accessId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  }

  /** @param {StoreError} error @param {Headers} headers */
  correct(error, headers) {
    const date = Date.parse(headers.get('date') ?? '');
    if (error.storeCode !== 'RequestTimeTooSkewed' || Number.isNaN(date)) return false;
    this.#skewMs = date - Date.now();
    return true;
  }
}

/** @param {string} text */
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
