import { configureFetch } from '../../pkg-scripts/cli/config/proxy.js';

/** Sends the requests of an example by the proxy that the environment names, as the command does. */
await configureFetch(process.env, {});
