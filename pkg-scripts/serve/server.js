import { createServer } from 'node:http';
import { Access } from './access.js';
import { ServedAccounts } from './accounts.js';
import { downloadHandlers } from './downloads.js';
import { serveCleanUp } from './former-ports.js';
import { createGuard } from './guard.js';
import { pageHandler } from './page.js';
import { relayHandler } from './relay.js';
import { handle, OPEN } from './routes.js';

/** @import { Server as HttpServer } from 'node:http' */
/** @import { Server } from '../types.js' */

/** The loopback address: no other computer can connect. */
const ADDRESS = '127.0.0.1';

/**
 * Serves the page and forwards its API calls.
 * @param {object} options
 * @param {string} options.folder of the built page
 * @param {number} options.port 0: a free port
 * @param {string[]} options.hosts of Treasure Data, to which calls are forwarded by HTTPS
 * @param {string[]} options.endpoints further base URLs to which calls are forwarded
 * @param {{ label: string, endpoint: string, apikey: string }[]} [options.accounts] whose keys stay in the server
 * @param {number[]} [options.formerPorts] of earlier runs, whose pages may have left files in the browser
 * @returns {Promise<Omit<Server, 'notes'>>}
 */
export async function startServer(options) {
  const { folder, port: wanted, hosts, endpoints, formerPorts = [] } = options;
  const accounts = new ServedAccounts(options.accounts ?? []);
  const accountEndpoints = accounts.shown.map(({ endpoint }) => endpoint);
  const server = createServer();
  const port = await listen(server, wanted);
  const origin = `http://${ADDRESS}:${port}`;
  const cleanUps = await startCleanUps(formerPorts, { folder, port, pageOrigin: origin });
  const cleanUpUrls = cleanUps.map(({ url }) => url);
  const access = new Access(port);
  const parts = {
    access,
    guard: createGuard(`${ADDRESS}:${port}`, access),
    page: pageHandler(folder, cleanUpUrls),
    relay: relayHandler(
      [...hosts.map((host) => `https://${host}`), ...endpoints, ...accountEndpoints],
      accounts,
    ),
    downloads: downloadHandlers(),
    content: { endpoints, cleanUpUrls, accounts: accounts.shown },
  };
  server.on('request', (request, response) => {
    // A defect must not end the server and the other calls.
    handle(parts, request, response).catch((error) => response.destroy(error));
  });
  // The upload of a part may take long on a slow line. The page has an idle timeout of its own.
  server.requestTimeout = 0;
  const newUrl = () => `${origin}${OPEN}${access.issueSecret()}`;
  const close = async () => {
    for (const cleanUp of cleanUps) cleanUp.close();
    await closeServer(server);
  };
  return { url: newUrl(), newUrl, port, close };
}

/**
 * @param {number[]} ports
 * @param {{ folder: string, port: number, pageOrigin: string }} options
 */
async function startCleanUps(ports, { port: own, ...options }) {
  const others = ports.filter((port) => port !== own);
  const started = await Promise.all(others.map((port) => serveCleanUp({ ...options, port })));
  return started.filter((cleanUp) => cleanUp !== undefined);
}

/**
 * @param {HttpServer} server
 * @param {number} port
 * @returns {Promise<number>} the port
 */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ADDRESS, () => {
      server.off('error', reject);
      resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
    });
  });
}

/**
 * @param {HttpServer} server
 * @returns {Promise<void>}
 */
function closeServer(server) {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
