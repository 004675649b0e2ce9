/** petit for Node. */
export * from './index.js';

/** @import { ServeOptions } from './serve/serve.js' */
/** @import { Server } from './serve/server.js' */

/**
 * Serves petit's page on this computer, and passes its calls on to Treasure Data. Only this computer can reach it.
 * @param {ServeOptions} [options]
 * @returns {Promise<Server>}
 */
export async function serve(options) {
  // What only this needs is loaded only then.
  const { startPage } = await import('./serve/serve.js');
  return startPage(options);
}
