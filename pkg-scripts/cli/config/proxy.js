import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { PetitError } from '../../driver/errors.js';

/** Hosts that no proxy is asked for: a key on its way to this machine must not leave it. */
const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Sends the process's requests by the proxy that the environment names, and trusts the certificates of a file. Without either,
 * Node's own fetch is left as it is, and nothing is loaded.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ caFile?: string }} options
 */
export async function useNetwork(env, { caFile }) {
  const httpProxy = proxyOf(env, 'http_proxy');
  const httpsProxy = proxyOf(env, 'https_proxy');
  if (!httpProxy && !httpsProxy && !caFile) return;
  const { EnvHttpProxyAgent, setGlobalDispatcher } = await import('undici');
  const tls = caFile === undefined ? {} : { ca: await certificates(caFile, env.NODE_EXTRA_CA_CERTS) };
  const noProxy = [env.no_proxy ?? env.NO_PROXY ?? '', ...THIS_MACHINE].join(',');
  setGlobalDispatcher(
    new EnvHttpProxyAgent({
      ...{ httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '' },
      noProxy: noProxy.split(/[,\s]/).includes('*') ? '*' : noProxy,
      ...{ connect: tls, requestTls: tls, proxyTls: tls },
    }),
  );
}

/**
 * The address of a proxy, as curl reads it: a host alone is one of http.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} variable in lower case, which goes before upper case
 */
function proxyOf(env, variable) {
  const name = env[variable] ? variable : variable.toUpperCase();
  const text = env[name];
  if (!text) return undefined;
  const address = text.includes('://') ? text : `http://${text}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  // Not shown: a password may be in it.
  throw new PetitError('invalid_option', `the variable ${name} holds no address of a proxy`, {
    hint: 'It should look like http://proxy.example:3128.',
  });
}

/**
 * The certificates that Node trusts, and those of a file.
 * @param {string} caFile
 * @param {string | undefined} extra the file that Node itself was told to trust
 * @returns {Promise<string[]>}
 */
async function certificates(caFile, extra) {
  const given = await textOf(caFile);
  if (!given.includes('-----BEGIN CERTIFICATE-----')) {
    throw new PetitError('invalid_option', `${caFile} holds no certificate`, {
      hint: 'It should be a PEM file: certificates between BEGIN CERTIFICATE and END CERTIFICATE.',
    });
  }
  return [...rootCertificates, given, ...(extra ? [await textOf(extra)] : [])];
}

/** @param {string} file */
async function textOf(file) {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('invalid_option', `the file of certificates cannot be read: ${message}`, {
      hint: 'Check the path after --ca-file.',
    });
  }
}
