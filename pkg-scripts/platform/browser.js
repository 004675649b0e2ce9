import { PetitError } from '../driver/errors.js';

/** @import { Places, Platform } from '../driver/types.js' */

/** How long the look for the reason of a missing answer may take, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/** @type {Required<Places>} */
const places = {
  wasm: new URL('../../dist/wasm/petit_bg.wasm', import.meta.url),
  worker: new URL('../../dist/worker.js', import.meta.url),
};

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/**
 * Says where petit's own files are, if a bundler or a host put them elsewhere than the package has them. Before the first
 * use.
 * @param {Places} elsewhere
 */
export function configure(elsewhere) {
  Object.assign(places, elsewhere);
  compiled = undefined;
}

/** What a browser does for petit.
 * @type {Platform} */
export const platform = {
  get workerScript() {
    return String(places.worker);
  },

  cores: navigator.hardwareConcurrency,

  loadWasm() {
    compiled ??= compile(places.wasm).catch((error) => {
      compiled = undefined;
      throw error;
    });
    return compiled;
  },

  async existing() {
    return [];
  },

  async openSink(path) {
    throw new PetitError('no_sink', `there is no place for ${path}: the request has no openSink`);
  },

  async whyNoAnswer(error, { endpoint, relay }) {
    const shown = /** @type {Error} */ (error);
    if (relay) {
      return new PetitError('relay_stopped', `petit serve does not answer: ${shown.message}`, {
        cause: error,
      });
    }
    if (!(await isThere(endpoint))) {
      const reason = navigator.onLine ? 'it cannot be reached from here' : 'this computer is offline';
      return new PetitError('network', `${endpoint} does not answer: ${reason}`, {
        cause: error,
        retryable: true,
        hint: 'Check the endpoint and the network connection, then try again.',
      });
    }
    return new PetitError(
      'cross_origin',
      `${endpoint} is there, but does not let a page of ${location.origin} call it, and so the browser blocks it`,
      { cause: error },
    );
  },
};

/**
 * @param {Required<Places>['wasm']} source
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = source instanceof Response ? source : await fetched(source);
  if (!response.ok) {
    throw new PetitError('cannot_load', `${response.url} could not be loaded: status ${response.status}`);
  }
  // Not every static host knows the type that streaming compilation insists on.
  const type = response.headers.get('content-type')?.split(';')[0];
  if (type === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** @param {string | URL} url */
async function fetched(url) {
  try {
    return await fetch(url);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('cannot_load', `${url} could not be loaded: ${message}`, { cause: error });
  }
}

/**
 * Whether there is a server that answers, be it in a way that the browser hides.
 * @param {string} endpoint
 */
async function isThere(endpoint) {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    await fetch(endpoint, { mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal });
    return true;
  } catch {
    return false;
  }
}
