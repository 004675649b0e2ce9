import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PetitError } from '../driver/errors.js';
import { instantiate, wasm } from '../driver/wasm.js';
import { platform } from '../platform/node.js';
import { startServer } from './server.js';

/** @import { ServeOptions, Server } from '../types.js' */

const PAGE = fileURLToPath(new URL('../../dist/www/', import.meta.url));

/**
 * Serves petit's page.
 * @param {ServeOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startPage({ port = 0, endpoints = [] } = {}) {
  if (!existsSync(`${PAGE}index.html`)) {
    throw new PetitError('cannot_load', 'the page has not been built', { hint: 'Build it: npm run build' });
  }
  platform.prepareNetwork?.();
  instantiate(await platform.loadWasm());
  const urls = endpoints.map(toEndpointUrl);
  try {
    return await startServer({ folder: PAGE, port, hosts: wasm.knownHosts(), endpoints: urls });
  } catch (error) {
    throw toListenError(/** @type {NodeJS.ErrnoException} */ (error), port);
  }
}

/** @param {string} text */
function toEndpointUrl(text) {
  try {
    return wasm.endpointUrl(text);
  } catch (error) {
    throw new PetitError('bad_endpoint', /** @type {{ message: string }} */ (error).message);
  }
}

/**
 * @param {NodeJS.ErrnoException} error
 * @param {number} port
 */
function toListenError(error, port) {
  if (error.syscall !== 'listen') return error;
  const reason = error.code === 'EADDRINUSE' ? 'another program uses it' : error.message;
  return new PetitError('port_unavailable', `port ${port} cannot be used: ${reason}`, { cause: error });
}
