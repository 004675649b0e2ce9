import { PetitError } from '../errors.js';
import { sleep } from './sleep.js';

/** @import { Relay } from '../../types.js' */

const NONCE_BYTES = 32;
/** A browser also fails requests when the computer wakes up or changes its network. */
const MAX_ATTEMPTS = 3;
const PAUSE_MS = 500;

/**
 * Throws unless the relay proves that it is the server that served the page: another program can get its port after it has
 * ended, and must receive no API key and no rows. The key of the proof is known to the page and that server only.
 * @param {Relay} relay
 * @param {AbortSignal} [signal]
 */
export async function verifyRelay({ url, page, key }, signal) {
  const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const response = await ask(`${url}/proof/${page}/${nonce}`, signal);
  const proof = await proofOf(response);
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', fromBase64Url(key), hmac, false, ['verify']);
  const isProven = await crypto.subtle.verify('HMAC', imported, proof, new TextEncoder().encode(nonce));
  if (!isProven) {
    throw new PetitError(
      'relay_replaced',
      `another program, or another run of petit serve, answers at ${url}`,
    );
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} [signal]
 */
async function ask(url, signal = new AbortController().signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch(url, { cache: 'no-store', credentials: 'same-origin', redirect: 'error', signal });
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === MAX_ATTEMPTS) {
        const { message } = /** @type {Error} */ (error);
        throw new PetitError('relay_stopped', `petit serve does not respond: ${message}`, { cause: error });
      }
    }
    await sleep(PAUSE_MS, signal);
  }
}

/**
 * @param {Response} response
 * @returns {Promise<Uint8Array<ArrayBuffer>>} empty if it has no proof
 */
async function proofOf(response) {
  try {
    const { proof } = await response.json();
    return fromBase64Url(proof);
  } catch {
    return new Uint8Array();
  }
}

/** @param {Uint8Array} bytes */
const toBase64Url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** @param {string} text */
const fromBase64Url = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
