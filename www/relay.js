import { relayOfPage } from '../pkg-scripts/platform/relay.js';

/** Set if `petit serve` serves this page. */
const served = relayOfPage();

/** The server that forwards API calls. */
export const relay = served?.relay;

/** Documents for the ports of earlier runs: see clean-up.js. */
export const cleanUpUrls = served?.cleanUpUrls ?? [];

/** Accounts of the terminal, whose keys stay in the server. */
export const servedAccounts = served?.accounts ?? [];

/** Further endpoints that it forwards calls to, from its option `--endpoint`. */
export const extraEndpoints = served?.endpoints ?? [];
