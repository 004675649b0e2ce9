import { sendForward, sendHowToEnter, sendToPage, sendUsed } from './documents.js';
import { PREFIX as DOWNLOAD } from './downloads.js';
import { Refusal, refuse } from './guard.js';
import { PREFIX as RELAY } from './relay.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Access } from './access.js' */

/** Prefix of the addresses that let a browser in: `/open/SECRET`. */
export const OPEN = '/open/';
/** `/proof/PAGE/NONCE`: the server proves to a page that it has served it. */
const PROOF = /^\/proof\/([\w-]{43})\/([\w-]{22,43})$/;

/** `/`, and the page of an earlier session. */
const WITHOUT_SECRET = /^\/(page\/[\w-]+\/)?$/;

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
 * What answers the requests.
 * @typedef {object} Parts
 * @property {Access} access
 * @property {ReturnType<typeof import('./guard.js').createGuard>} guard
 * @property {ReturnType<typeof import('./page.js').pageHandler>} page
 * @property {ReturnType<typeof import('./relay.js').relayHandler>} relay
 * @property {ReturnType<typeof import('./downloads.js').downloadHandlers>} downloads
 * @property {object} content what every page contains, in addition to its secrets
 */

/**
 * Answers a request, or refuses it.
 * @param {Parts} parts
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
export async function handle(parts, request, response) {
  const { access, guard } = parts;
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  try {
    guard.checkHost(request);
    guard.checkPurpose(request);
    if (request.url?.startsWith(OPEN)) return letIn(access, request, response);
    const session = access.sessionOf(request.headers.cookie);
    if (!session) return askToEnter(request, response);
    await answer(parts, session, request, response);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(response, error);
  }
}

/**
 * Exchanges the secret of an address.
 * @param {Access} access
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
function letIn(access, { method, url = '', headers }, response) {
  if (method !== 'GET') throw new Refusal(405, 'open this address in a browser');
  // The browser sends the request again when the user really opens the address.
  if (headers['sec-purpose'] !== undefined)
    throw new Refusal(503, 'this address works once; it is not preloaded');
  const entry = access.exchange(url.slice(OPEN.length), headers.cookie);
  if (entry) sendToPage(response, entry);
  else sendUsed(response);
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
 * Answers a browser that was let in.
 * @param {Parts} parts
 * @param {string} session
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
async function answer({ access, guard, page, content, ...parts }, session, request, response) {
  const { url = '', method } = request;
  const pagePath = access.pagePath(session);
  if (url.startsWith(pagePath)) {
    request.url = url.slice(pagePath.length - 1);
    return page(request, response, () => ({ ...access.newPage(session), ...content }));
  }
  if (method === 'GET' && WITHOUT_SECRET.test(url)) return sendForward(response);
  guard.checkOrigin(request);
  const [, pageId, nonce] = PROOF.exec(url) ?? [];
  if (pageId && nonce) return sendJson(response, { proof: access.prove(pageId, nonce) });
  if (url.startsWith(DOWNLOAD) && method === 'GET') return parts.downloads.take(request, response);
  const call = [
    { prefix: DOWNLOAD, run: parts.downloads.offer },
    { prefix: RELAY, run: parts.relay },
  ].find(({ prefix }) => url.startsWith(prefix));
  if (!call) throw new Refusal(404, 'there is no such page; use the newest page of petit serve');
  guard.checkToken(request, session);
  await call.run(request, response);
}

/**
 * @param {ServerResponse} response
 * @param {unknown} value
 */
function sendJson(response, value) {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}
