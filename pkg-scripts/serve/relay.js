import { pipeline } from 'node:stream/promises';
import { request as send } from 'undici';
import { Refusal } from './guard.js';

/** @import { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http' */

/** Paths that begin so are calls: `/relay/https/api.treasuredata.com/v3/…`. */
export const PREFIX = '/relay/';

/** The methods of Treasure Data's API.
 * @type {readonly string[]} */
const METHODS = ['GET', 'POST', 'PUT'];

/** What goes on to Treasure Data: nothing of the browser's own, such as cookies, Origin or Referer. */
const REQUEST_HEADERS = [
  'accept',
  'accept-encoding',
  'authorization',
  'content-length',
  'content-type',
  'if-range',
  'range',
  'user-agent',
];

/** What comes back: nothing that would make the browser store or open something. */
const RESPONSE_HEADERS = [
  'accept-ranges',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'retry-after',
];

/** Should a browser be brought to show an answer as a page, it is not to run. */
const ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; sandbox",
};

/**
 * Passes calls on to these base URLs and to no other, byte by byte both ways. The bodies stay in their content coding.
 * @param {string[]} bases
 */
export function relayHandler(bases) {
  const allowed = bases.map((base) => new URL(base));

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  return async (request, response) => {
    const { method = '' } = request;
    if (!METHODS.includes(method)) throw new Refusal(405, `no call has the method ${method}`);
    const target = targetOf(request.url ?? '', allowed);
    const pageLeft = new AbortController();
    response.once('close', () => pageLeft.abort());
    try {
      const answer = await send(target, {
        method: /** @type {'GET' | 'POST' | 'PUT'} */ (method),
        headers: only(REQUEST_HEADERS, request.headers),
        body: method === 'GET' ? null : request,
        signal: pageLeft.signal,
      });
      response.writeHead(answer.statusCode, {
        ...only(RESPONSE_HEADERS, answer.headers),
        ...redirect(answer.headers, target, allowed),
        ...ANSWER_HEADERS,
      });
      await pipeline(answer.body, response);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // A body that breaks off has to break off at the page, too: its length is not what was said.
      if (response.headersSent || pageLeft.signal.aborted) response.destroy();
      else throw new Refusal(502, `${target.origin} does not answer: ${reasonOf(error)}`);
    }
  };
}

/**
 * The URL that a call is for.
 * @param {string} path of the request
 * @param {URL[]} allowed
 */
function targetOf(path, allowed) {
  const [, scheme, rest] = /^\/relay\/(https?)\/(.+)$/.exec(path) ?? [];
  // Read as a URL first: `..` and the like have their effect before anything is compared.
  const target = rest && URL.canParse(`${scheme}://${rest}`) ? new URL(`${scheme}://${rest}`) : undefined;
  if (!target || target.username || target.password) throw new Refusal(400, 'that is the address of no call');
  if (!isAllowed(target, allowed)) {
    const { origin } = target;
    throw new Refusal(
      403,
      `${origin} is no host of Treasure Data's; start with --endpoint ${origin} to allow it`,
    );
  }
  return target;
}

/**
 * @param {URL} target
 * @param {URL[]} allowed
 */
function isAllowed({ origin, pathname }, allowed) {
  return allowed.some((base) => {
    const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
    return base.origin === origin && pathname.startsWith(folder);
  });
}

/**
 * Where a redirect leads by way of the relay. It leads to no other host: seen from the page all are one, the relay, so that
 * the browser would send the key along.
 * @param {IncomingHttpHeaders} headers
 * @param {URL} target
 * @param {URL[]} allowed
 */
function redirect({ location }, target, allowed) {
  if (location === undefined) return {};
  const next = new URL(location, target);
  if (next.origin !== target.origin || !isAllowed(next, allowed)) {
    throw new Refusal(502, `${target.host} redirects to ${next.origin}, where the API key must not go`);
  }
  return { location: `${PREFIX}${next.href.replace('://', '/')}` };
}

/**
 * @param {readonly string[]} names
 * @param {IncomingHttpHeaders} headers
 */
function only(names, headers) {
  return Object.fromEntries(names.filter((name) => name in headers).map((name) => [name, headers[name]]));
}

/** @param {unknown} error */
function reasonOf(error) {
  const { message, code, cause } = /** @type {Error & { code?: string, cause?: Error }} */ (error);
  return message || cause?.message || code;
}
