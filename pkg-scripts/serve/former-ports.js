import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import sirv from 'sirv';

const ADDRESS = '127.0.0.1';

/**
 * Serves, at a port that an earlier run has used, the document that removes what the pages of that run have left in the
 * browser: see www/clean-up.js. The page of this run shows it in a hidden frame. The port is released when that has happened.
 * @param {object} options
 * @param {string} options.folder of the built page
 * @param {number} options.port
 * @param {string} options.pageOrigin the only origin that may show the document
 * @returns {Promise<{ url: string, close: () => void } | undefined>} undefined if the port is in use
 */
export async function serveCleanUp({ folder, port, pageOrigin }) {
  const server = createServer();
  if (!(await listen(server, port))) return undefined;
  const host = `${ADDRESS}:${port}`;
  const prefix = `/${randomBytes(32).toString('base64url')}/`;
  const files = sirv(folder);
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  server.on('request', (request, response) => {
    const { url = '', method, headers } = request;
    for (const [name, value] of Object.entries(headersFor(pageOrigin))) response.setHeader(name, value);
    if (headers.host !== host || !url.startsWith(prefix)) response.writeHead(403).end();
    else if (url === `${prefix}done` && method === 'POST') response.writeHead(204).end(close);
    else {
      request.url = url.slice(prefix.length - 1);
      files(request, response, () => void response.writeHead(404).end());
    }
  });
  return { url: `http://${host}${prefix}clean-up.html`, close };
}

/** @param {string} pageOrigin */
const headersFor = (pageOrigin) => ({
  'content-security-policy': `frame-ancestors ${pageOrigin}`,
  'cross-origin-embedder-policy': 'require-corp',
  // Chromium takes another port of an IP address for another site. Nobody else knows the path.
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
});

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @returns {Promise<boolean>} false if the port cannot be used
 */
const listen = (server, port) =>
  new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, ADDRESS, () => resolve(true));
  });
