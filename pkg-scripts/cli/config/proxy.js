import { rootCertificates } from 'node:tls';
import { PetitError } from '../../driver/errors.js';
import { readTextFile } from './text-file.js';

/** Requests to these hosts never use a proxy: an API key for this machine must not leave it. */
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

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
  const { EnvHttpProxyAgent, setGlobalDispatcher } = await import('undici');
  const tls = caFile === undefined ? {} : { ca: await readCertificates(caFile, env.NODE_EXTRA_CA_CERTS) };
  const noProxy = [env.no_proxy ?? env.NO_PROXY ?? '', ...LOOPBACK_HOSTS].join(',');
  setGlobalDispatcher(
    new EnvHttpProxyAgent({
      httpProxy: httpProxy ?? '',
      httpsProxy: httpsProxy ?? '',
      noProxy: noProxy.split(/[,\s]/).includes('*') ? '*' : noProxy,
      ...{ connect: tls, requestTls: tls, proxyTls: tls },
    }),
  );
}

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
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  // The message omits the value, which can contain a password.
  throw new PetitError('invalid_option', `the environment variable ${name} is not the URL of an http proxy`, {
    hint: 'Use a URL such as http://proxy.example:3128.',
  });
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
