import { rootCertificates } from 'node:tls';
import { PetitError } from '../../driver/errors.js';
import { wasm } from '../../driver/wasm.js';
import { readTextFile } from './text-file.js';

/** @import { Agent, Dispatcher } from 'undici' */

/**
 * Makes the fetch of this process use the proxy of the environment and trust the certificates of a file. Without a proxy
 * and a file, Node's own fetch stays and undici is not loaded.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ caFile?: string }} options
 */
export async function configureFetch(env, { caFile }) {
  const httpProxy = proxyUrl(env, 'http_proxy');
  const httpsProxy = proxyUrl(env, 'https_proxy');
  if (!httpProxy && !httpsProxy && !caFile) return;
  const { Agent, EnvHttpProxyAgent, setGlobalDispatcher } = await import('undici');
  const tls = caFile === undefined ? {} : { ca: await readCertificates(caFile, env.NODE_EXTRA_CA_CERTS) };
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  const proxied = new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: noProxy.split(/[,\s]/).includes('*') ? '*' : noProxy,
    ...{ connect: tls, requestTls: tls, proxyTls: tls },
  });
  setGlobalDispatcher(proxied.compose(bypassForThisMachine(new Agent({ connect: tls }))));
}

/**
 * Sends requests to this machine directly, never through a proxy: an API key for this machine must not leave it.
 * @param {Agent} direct
 * @returns {Dispatcher.DispatcherComposeInterceptor}
 */
const bypassForThisMachine = (direct) => (dispatch) => (request, handler) => {
  const { hostname } = new URL(String(request.origin));
  return wasm.isThisMachine(hostname) ? direct.dispatch(request, handler) : dispatch(request, handler);
};

/**
 * The URL of a proxy. As in curl, a host without a scheme is an http proxy, and the lower-case variable takes precedence.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} variable in lower case
 */
function proxyUrl(env, variable) {
  const name = env[variable] ? variable : variable.toUpperCase();
  const text = env[name];
  if (!text) return undefined;
  const url = text.includes('://') ? text : `http://${text}`;
  // The messages omit the value, which can contain a password.
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) {
    if (isDecodable(new URL(url))) return url;
    throw new PetitError(
      'invalid_option',
      `the environment variable ${name} has a "%" in its user name or password that is not percent-encoded`,
      {
        hint: 'Write %25 for each "%", and percent-encode the other special characters, such as %40 for "@".',
      },
    );
  }
  throw new PetitError('invalid_option', `the environment variable ${name} is not the URL of an http proxy`, {
    hint: 'Use a URL such as http://proxy.example:3128.',
  });
}

/**
 * Whether the user name and the password of a URL are percent-encoded.
 * @param {URL} url
 */
function isDecodable({ username, password }) {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/**
 * Node's certificates and those of a file. A list of certificates replaces Node's own, NODE_EXTRA_CA_CERTS included.
 * @param {string} caFile
 * @param {string | undefined} extraFile the file in NODE_EXTRA_CA_CERTS
 * @returns {Promise<string[]>}
 */
async function readCertificates(caFile, extraFile) {
  const certificates = await readPem(caFile);
  if (!certificates.includes('-----BEGIN CERTIFICATE-----')) {
    throw new PetitError('invalid_option', `${caFile} contains no certificate`, {
      hint: 'Use a PEM file: each certificate is between the lines BEGIN CERTIFICATE and END CERTIFICATE.',
    });
  }
  return [...rootCertificates, certificates, ...(extraFile ? [await readPem(extraFile)] : [])];
}

/** @param {string} file */
async function readPem(file) {
  try {
    return await readTextFile(file, { what: 'the certificate file' });
  } catch (error) {
    if (error instanceof PetitError) throw error;
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('invalid_option', `the certificate file cannot be read: ${message}`, {
      hint: 'Check the path after --ca-file.',
    });
  }
}
