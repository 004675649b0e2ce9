import { createServer } from 'node:http';
import { Access } from './access.js';
import { sendForward, sendHowToEnter, sendToPage, sendUsed } from './documents.js';
import { PREFIX as DOWNLOAD, downloadHandlers } from './downloads.js';
import { serveCleanUp } from './former-ports.js';
import { createGuard, Refusal, refuse } from './guard.js';
import { pageHandler } from './page.js';
import { PREFIX as RELAY, relayHandler } from './relay.js';

/** @import { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http' */
/** @import { Server } from '../types.js' */

/** The loopback address: no other computer can connect. */
const ADDRESS = '127.0.0.1';
/** Prefix of the addresses that let a browser in: `/open/SECRET`. */
const OPEN = '/open/';
/** `/proof/PAGE/NONCE`: the server proves to a page that it has served it. */
const PROOF = /^\/proof\/([\w-]{43})\/([\w-]{22,43})$/;

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

/** @typedef {{ url: string, close: () => void }} CleanUp the document for a port of an earlier run */

/**
 * Serves the page and forwards its API calls.
 * @param {object} options
 * @param {string} options.folder of the built page
 * @param {number} options.port 0: a free port
 * @param {string[]} options.hosts of Treasure Data, to which calls are forwarded by HTTPS
 * @param {string[]} options.endpoints further base URLs to which calls are forwarded
 * @param {number[]} [options.formerPorts] of earlier runs, whose pages may have left files in the browser
 * @returns {Promise<Omit<Server, 'notes'>>}
 */
export async function startServer({ folder, port, hosts, endpoints, formerPorts = [] }) {
  const server = createServer();
  await listen(server, port);
  const bound = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  const host = `${ADDRESS}:${bound}`;
  const access = new Access(bound);
  const guard = createGuard(host, access);
  const cleanUps = await startCleanUps(formerPorts, { folder, bound, pageOrigin: `http://${host}` });
  const cleanUpUrls = cleanUps.map(({ url }) => url);
  const page = pageHandler(folder, cleanUpUrls);
  const relay = relayHandler([...hosts.map((host) => `https://${host}`), ...endpoints]);
  const downloads = downloadHandlers();

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async function handle(request, response) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      guard.checkHost(request);
      guard.checkPurpose(request);
      if (request.url?.startsWith(OPEN)) return letIn(request, response);
      const session = access.sessionOf(request.headers.cookie);
      if (!session) return askToEnter(request, response);
      await answer(request, response, session);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(response, error);
    }
  }

  /** Exchanges the secret of an address. @param {IncomingMessage} request @param {ServerResponse} response */
  function letIn({ method, url = '', headers }, response) {
    if (method !== 'GET') throw new Refusal(405, 'open this address in a browser');
    // The browser sends the request again when the user really opens the address.
    if (headers['sec-purpose'] !== undefined)
      throw new Refusal(503, 'this address works once; it is not preloaded');
    const entry = access.exchange(url.slice(OPEN.length), headers.cookie);
    if (entry) sendToPage(response, entry);
    else sendUsed(response);
  }

  /** @param {IncomingMessage} request @param {ServerResponse} response @param {string} session */
  async function answer(request, response, session) {
    const { url = '', method } = request;
    const pagePath = access.pagePath(session);
    if (url.startsWith(pagePath)) {
      request.url = url.slice(pagePath.length - 1);
      return page(request, response, () => ({ ...access.newPage(session), endpoints, cleanUpUrls }));
    }
    if (url === '/' && method === 'GET') return sendForward(response);
    guard.checkOrigin(request);
    if (url.startsWith(DOWNLOAD) && method === 'GET') return downloads.take(request, response);
    const [, pageId, nonce] = PROOF.exec(url) ?? [];
    if (pageId && nonce) return sendJson(response, { proof: access.prove(pageId, nonce) });
    if (url.startsWith(DOWNLOAD)) {
      guard.checkToken(request, session);
      return downloads.offer(request, response);
    }
    if (!url.startsWith(RELAY))
      throw new Refusal(404, 'there is no such page; use the newest page of petit serve');
    guard.checkToken(request, session);
    await relay(request, response);
  }

  server.on('request', (request, response) => {
    // A defect must not end the server and the other calls.
    handle(request, response).catch((error) => response.destroy(error));
  });
  // The upload of a part may take long on a slow line. The page has an idle timeout of its own.
  server.requestTimeout = 0;
  return {
    url: `http://${host}${OPEN}${access.issueSecret()}`,
    port: bound,
    newUrl: () => `http://${host}${OPEN}${access.issueSecret()}`,
    close: () =>
      new Promise((resolve) => {
        for (const { close } of cleanUps) close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {number[]} ports
 * @param {{ folder: string, bound: number, pageOrigin: string }} options
 * @returns {Promise<CleanUp[]>}
 */
async function startCleanUps(ports, { folder, bound, pageOrigin }) {
  const others = ports.filter((port) => port !== bound);
  const started = await Promise.all(others.map((port) => serveCleanUp({ folder, port, pageOrigin })));
  return started.filter((cleanUp) => cleanUp !== undefined);
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
function askToEnter({ headers: { accept = '' } }, response) {
  if (accept.includes('text/html')) return sendHowToEnter(response);
  throw new Refusal(403, 'open the address that it printed in its terminal; press Enter there for a new one');
}

/**
 * @param {ServerResponse} response
 * @param {unknown} value
 */
function sendJson(response, value) {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
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
