import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { guardFor, Refusal, refuse } from './guard.js';
import { pageHandler } from './page.js';
import { PREFIX, relayHandler } from './relay.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** The only address that is listened at: no other machine can come. */
const ADDRESS = '127.0.0.1';
const TOKEN_BYTES = 32;

/** What every answer tells the browser. No page of another origin may embed, frame or read anything; nothing that came
 * through the relay may run. COOP and COEP give the page a process of its own.
 * @type {Record<string, string>} */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * @typedef {object} Server
 * @property {string} url of the page
 * @property {() => Promise<void>} close ends it, and what is under way
 */

/**
 * Serves the page and passes its API calls on.
 * @param {object} options
 * @param {string} options.folder of the built page
 * @param {number} options.port 0: a free one
 * @param {string[]} options.hosts of Treasure Data, that calls are passed on to by https
 * @param {string[]} options.endpoints base URLs that calls are passed on to besides
 * @returns {Promise<Server>}
 */
export async function startServer({ folder, port, hosts, endpoints }) {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const page = pageHandler(folder, { token, endpoints });
  const relay = relayHandler([...hosts.map((host) => `https://${host}`), ...endpoints]);
  const server = createServer();
  await listen(server, port);
  const host = `${ADDRESS}:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  const guard = guardFor(host, token);

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async function handle(request, response) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      guard.checkHost(request);
      if (!request.url?.startsWith(PREFIX)) return page(request, response);
      guard.checkCaller(request);
      await relay(request, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(response, error);
    }
  }
  server.on('request', (request, response) => {
    // Whatever a defect is, it must not end the server and the other calls with it.
    handle(request, response).catch((error) => response.destroy(error));
  });
  // A part may take long on a slow line; the page itself gives up on what does not move.
  server.requestTimeout = 0;
  return {
    url: `http://${host}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @returns {Promise<void>}
 */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ADDRESS, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
