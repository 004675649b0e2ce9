import { assetLocations } from '../asset-locations.js';
import { PetitError } from '../driver/errors.js';

/** @import { AssetLocations, Platform } from '../types.js' */

/** How long the search for the reason of a missing answer may take, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/** @type {Required<AssetLocations>} */
const locations = { ...assetLocations };

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/** @param {AssetLocations} moved */
export function configure(moved) {
  Object.assign(locations, moved);
  compiled = undefined;
}

/** What a browser provides.
 * @type {Platform} */
export const platform = {
  get workerScript() {
    return String(locations.worker);
  },

  hardwareConcurrency: navigator.hardwareConcurrency,

  loadWasm() {
    compiled ??= compile(locations.wasm).catch((error) => {
      compiled = undefined;
      throw error;
    });
    return compiled;
  },

  async inspectOutputs() {
    return [];
  },

  async openSink(path) {
    throw new PetitError('no_output', `${path} cannot be saved: the request has no openSink`);
  },

  async explainNetworkError(error, { endpoint, relay }) {
    // The relay has just answered, so that the next attempt finds out whether it is still there.
    if (relay) return error;
    if (!(await isReachable(endpoint))) {
      const reason = navigator.onLine ? 'it cannot be reached from here' : 'this computer is offline';
      return new PetitError('network', `${endpoint} does not respond: ${reason}`, {
        cause: error,
        retryable: true,
        hint: 'Check the endpoint and the network connection, then try again.',
      });
    }
    return new PetitError(
      'cross_origin',
      `${endpoint} responds, but does not allow calls from pages of ${location.origin}, so the browser blocks them`,
      { cause: error },
    );
  },
};

/**
 * @param {Required<AssetLocations>['wasm']} source
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = source instanceof Response ? source : await fetchModule(source);
  if (!response.ok) {
    throw new PetitError('cannot_load', `${response.url} could not be loaded: status ${response.status}`);
  }
  // Streaming compilation requires this type, which not every static host sends.
  const type = response.headers.get('content-type')?.split(';')[0];
  if (type === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** @param {string | URL} url */
async function fetchModule(url) {
  try {
    return await fetch(url);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('cannot_load', `${url} could not be loaded: ${message}`, { cause: error });
  }
}

/**
 * Whether a server answers, even if the browser hides the answer.
 * @param {string} endpoint
 */
async function isReachable(endpoint) {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    await fetch(endpoint, { mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal });
    return true;
  } catch {
    return false; // The caller reports the failure of the real request.
  }
}
