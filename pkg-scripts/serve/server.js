import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createGuard, Refusal, refuse } from './guard.js';
import { pageHandler } from './page.js';
import { PREFIX, relayHandler } from './relay.js';

/** @import { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http' */
/** @import { Server } from '../types.js' */

/** The loopback address: no other computer can connect. */
const ADDRESS = '127.0.0.1';
const TOKEN_BYTES = 32;

/** Headers of every response. No page of another origin may embed, frame or read it. COOP and COEP give the page a process
 * of its own.
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
 * Serves the page and forwards its API calls.
 * @param {object} options
 * @param {string} options.folder of the built page
 * @param {number} options.port 0: a free port
 * @param {string[]} options.hosts of Treasure Data, to which calls are forwarded by HTTPS
 * @param {string[]} options.endpoints further base URLs to which calls are forwarded
 * @returns {Promise<Server>}
 */
export async function startServer({ folder, port, hosts, endpoints }) {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const page = pageHandler(folder, { token, endpoints });
  const relay = relayHandler([...hosts.map((host) => `https://${host}`), ...endpoints]);
  const server = createServer();
  await listen(server, port);
  const host = `${ADDRESS}:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  const guard = createGuard(host, token);

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
    // A defect must not end the server and the other calls.
    handle(request, response).catch((error) => response.destroy(error));
  });
  // The upload of a part may take long on a slow line. The page has an idle timeout of its own.
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
 * @param {HttpServer} server
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
