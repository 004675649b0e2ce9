import { relayOfPage } from '../pkg-scripts/platform/relay.js';

/** What the server offers that the page came from, if it is `petit serve`. */
const served = relayOfPage();

/** The server that passes calls on. */
export const relay = served?.relay;

/** Endpoints it passes calls on to, besides those of the sites. */
export const extraEndpoints = served?.endpoints ?? [];
