import { relayOfPage } from '../pkg-scripts/platform/relay.js';

/** Set if `petit serve` serves this page. */
const served = relayOfPage();

/** The server that forwards API calls. */
export const relay = served?.relay;

/** Further endpoints that it forwards calls to, from its option `--endpoint`. */
export const extraEndpoints = served?.endpoints ?? [];
