// The types of the package in Node.
import type { ServeOptions, Server } from './types.js';

export * from './api.js';

/** Serves petit's page on this computer and forwards its calls to Treasure Data. Other computers cannot reach the server. */
export declare function serve(options?: ServeOptions): Promise<Server>;
