/** petit for Node. */
export * from './index.js';

/** Serves petit's page on this computer. What it needs is loaded with the first use.
 * @type {typeof import('./serve/serve.js').serve} */
export const serve = async (options) => (await import('./serve/serve.js')).serve(options);
