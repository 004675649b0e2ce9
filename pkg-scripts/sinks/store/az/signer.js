import { createHmac } from 'node:crypto';
import { PetitError } from '../../../driver/errors.js';
import { checkedUrl } from '../checked-url.js';
import { byteLength, encodeStrictly } from '../transport.js';

/** @import { SignedRequest, Signer, StoreRequest } from '../transport.js' */

/** The version of the API. Endpoints of Azure and Azurite know it. */
const API_VERSION = '2021-12-02';
/** The parts of a string to sign between the method and the headers of Azure, in their order. */
const SIGNED_HEADERS = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
];

/**
 * How requests to Azure are signed: by the key of the account, a shared access signature, or a token of Entra ID.
 * @typedef {{ accountKey: string } | { sas: string } | { token: string }} AzureCredentials
 *
 * @typedef {object} AzureAccount
 * @property {string} account
 * @property {string} endpoint of blobs, without a slash at its end
 * @property {AzureCredentials} credentials
 */

/**
 * Finds the account as Azure's tools do: in the environment.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ allowHttp?: boolean | undefined }} options
 * @returns {AzureAccount}
 */
export function findAccount(env, { allowHttp = false }) {
  const text = connectionValues(env.AZURE_STORAGE_CONNECTION_STRING ?? '');
  const account = text.AccountName ?? (env.AZURE_STORAGE_ACCOUNT || env.AZURE_STORAGE_ACCOUNT_NAME);
  const accountKey = text.AccountKey ?? (env.AZURE_STORAGE_KEY || env.AZURE_STORAGE_ACCOUNT_KEY);
  const sas = text.SharedAccessSignature ?? env.AZURE_STORAGE_SAS_TOKEN;
  const token = env.AZURE_STORAGE_TOKEN;
  const custom = text.BlobEndpoint ?? env.AZURE_STORAGE_ENDPOINT;
  if (!account && !custom) throw missing('AZURE_STORAGE_ACCOUNT is not set');
  const suffix = text.EndpointSuffix ?? 'core.windows.net';
  const endpoint = custom
    ? checkedUrl('the endpoint of Azure', custom, allowHttp)
    : `https://${account}.blob.${suffix}`;
  const named = { account: account ?? '', endpoint };
  if (accountKey && account) return { ...named, credentials: { accountKey } };
  if (sas) return { ...named, credentials: { sas: sas.replace(/^\?/, '') } };
  if (token) return { ...named, credentials: { token } };
  throw missing('there are no credentials for Azure');
}

/** @param {string} reason */
const missing = (reason) =>
  new PetitError('missing_credentials', reason, {
    hint: 'Set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_TOKEN.',
  });

/** @param {string} text `Name=value;Name=value` @returns {Record<string, string | undefined>} */
function connectionValues(text) {
  const pairs = text.split(';').map((part) => part.trim().split(/=(.*)/s));
  return Object.fromEntries(
    pairs.filter(([name, value]) => name && value).map(([name, value]) => [name, value]),
  );
}

/**
 * Signs requests to a container.
 * @implements {Signer}
 */
export class AzureSigner {
  #account;
  #container;

  /** @param {AzureAccount} account @param {string} container */
  constructor(account, container) {
    this.#account = account;
    this.#container = container;
  }

  async secrets() {
    return secretsOf(this.#account.credentials);
  }

  /** Nothing of a request depends on what an answer says. */
  correct() {
    return false;
  }

  /**
   * @param {StoreRequest} request
   * @returns {Promise<SignedRequest>}
   */
  async sign({ method, key, query = {}, headers: given = {}, body }) {
    const { account, endpoint, credentials } = this.#account;
    const url = new URL(`${endpoint}/${this.#container}${key === undefined ? '' : `/${pathOf(key)}`}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    /** @type {Record<string, string>} */
    const headers = {
      ...given,
      'x-ms-version': API_VERSION,
      'x-ms-date': new Date().toUTCString(),
      ...(body !== undefined && { 'content-length': String(byteLength(body)) }),
    };
    if ('token' in credentials) headers.authorization = `Bearer ${credentials.token}`;
    if ('sas' in credentials) url.search = [url.search.slice(1), credentials.sas].filter(Boolean).join('&');
    if ('accountKey' in credentials) {
      const text = textToSign({ method, url, headers, account });
      const key = Buffer.from(credentials.accountKey, 'base64');
      const signature = createHmac('sha256', key).update(text).digest('base64');
      headers.authorization = `SharedKey ${account}:${signature}`;
    }
    return { url, method, headers };
  }
}

/** @param {string} key */
const pathOf = (key) => key.split('/').map(encodeStrictly).join('/');

/** @param {AzureCredentials} credentials @returns {string[]} */
function secretsOf(credentials) {
  if ('accountKey' in credentials) return [credentials.accountKey];
  if ('token' in credentials) return [credentials.token];
  const signature = new URLSearchParams(credentials.sas).get('sig');
  // The store may repeat the signature as it is, or encoded.
  return [credentials.sas, ...(signature ? [signature] : [])];
}

/**
 * The text whose signature proves that the key is known (Azure's "Authorize with Shared Key").
 * @param {{ method: string, url: URL, headers: Record<string, string>, account: string }} request
 */
function textToSign({ method, url, headers, account }) {
  const standard = SIGNED_HEADERS.map((name) => {
    const value = headers[name] ?? '';
    return name === 'content-length' && value === '0' ? '' : value;
  });
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${headers[name]}`);
  const query = [...url.searchParams].map(([name, value]) => `${name.toLowerCase()}:${value}`).sort();
  return [method, ...standard, ...own, [`/${account}${url.pathname}`, ...query].join('\n')].join('\n');
}
