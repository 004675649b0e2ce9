/** @import * as api from './api.node.js' */

export * from './index.js';

/** @type {typeof api.serve} */
export async function serve(options) {
  // Loaded on demand, because nothing else needs it.
  const { startPage } = await import('./serve/serve.js');
  return startPage(options);
}
