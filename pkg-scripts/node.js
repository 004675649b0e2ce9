/** @import * as api from './api.node.js' */

export * from './index.js';

/** @type {typeof api.cleanUpFiles} */
export async function cleanUpFiles(request) {
  const { cleanUpFolder } = await import('./sinks/disk/partials.js');
  return cleanUpFolder(request);
}

/** @type {typeof api.serve} */
export async function serve(options) {
  // Loaded on demand, because nothing else needs it.
  const { startPage } = await import('./serve/serve.js');
  return startPage(options);
}
