import { pipeline } from 'node:stream/promises';
import { request as send } from 'undici';
import { wasm } from '../driver/wasm.js';
import { Refusal } from './guard.js';
import { hideKey, withoutKey } from './hide-key.js';

/** @import { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http' */
/** @import { KeptAccount, ServedAccounts } from './accounts.js' */

/** Prefix of the paths of calls: `/relay/https/api.treasuredata.com/v3/…`. */
export const PREFIX = '/relay/';

/** Maximum length of the chain of causes that is followed. */
const MAX_CAUSES = 8;

/** The methods of Treasure Data's API.
 * @type {readonly string[]} */
const METHODS = ['GET', 'POST', 'PUT'];

/** Paths whose answers are rows, which are passed on as they are. */
const ROWS = /\/v3\/job\/result\//;

/** Request headers that are forwarded: none of the browser's own, such as cookies, Origin or Referer. */
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

/** Response headers that are forwarded: none that makes the browser store or open something. */
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

/** If a browser is made to show a response as a page, no code in it runs. */
const ISOLATION_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; sandbox",
};

/**
 * Forwards calls to these base URLs and to no others, byte by byte in both directions. Bodies keep their content coding.
 * @param {string[]} bases
 * @param {ServedAccounts} accounts whose keys the calls of the page do not have
 */
export function relayHandler(bases, accounts) {
  const allowed = bases.map((base) => new URL(base));

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  return async (request, response) => {
    const { method = '' } = request;
    if (!METHODS.includes(method)) throw new Refusal(405, `the method ${method} is not supported`);
    const target = targetOf(request.url ?? '', allowed);
    const account = accountOf(accounts, request.headers.authorization, target);
    const pageLeft = new AbortController();
    response.once('close', () => pageLeft.abort());
    try {
      const answer = await send(target, {
        method: /** @type {'GET' | 'POST' | 'PUT'} */ (method),
        headers: requestHeaders(request.headers, account),
        body: method === 'GET' ? null : request,
        signal: pageLeft.signal,
      });
      const isHiding = account !== undefined && !ROWS.test(target.pathname);
      if (isHiding && (answer.headers['content-encoding'] ?? 'identity') !== 'identity') {
        throw new Refusal(421, `${target.origin} compressed an answer in spite of the request not to`);
      }
      response.writeHead(answer.statusCode, {
        ...pickHeaders(RESPONSE_HEADERS, answer.headers),
        ...redirectHeader(answer.headers, target, allowed, account),
        ...ISOLATION_HEADERS,
      });
      if (isHiding) await pipeline(answer.body, hideKey(account.apikey), response);
      else await pipeline(answer.body, response);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // A body that breaks off has to break off for the page too: its declared length is wrong.
      if (response.headersSent || pageLeft.signal.aborted) response.destroy();
      else throw toRefusal(target.origin, error);
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
  // Parsed before the comparison, so that `..` and the like are resolved.
  const target = rest && URL.canParse(`${scheme}://${rest}`) ? new URL(`${scheme}://${rest}`) : undefined;
  if (!target || target.username || target.password)
    throw new Refusal(400, 'this is not the address of an API call');
  if (!isAllowed(target, allowed)) {
    const { origin } = target;
    throw new Refusal(
      403,
      `${origin} is not a host of Treasure Data; start petit serve with --endpoint ${origin} to allow it`,
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
 * The account of the terminal that a call is for. Its key is sent to its own endpoint only.
 * @param {ServedAccounts} accounts
 * @param {string | undefined} authorization
 * @param {URL} target
 * @returns {KeptAccount | undefined} undefined if the call has a key of its own
 */
function accountOf(accounts, authorization, target) {
  const candidates = accounts.of(authorization);
  const account = candidates.find(({ endpoint }) => isAllowed(target, [new URL(endpoint)]));
  if (candidates.length > 0 && !account) {
    const [{ label, endpoint } = { label: '', endpoint: '' }] = candidates;
    throw new Refusal(403, `the key of ${label} is for ${endpoint} and is not sent to ${target.origin}`);
  }
  return account;
}

/**
 * @param {IncomingHttpHeaders} headers
 * @param {KeptAccount | undefined} account
 */
function requestHeaders(headers, account) {
  const picked = pickHeaders(REQUEST_HEADERS, headers);
  if (!account) return picked;
  // In a compressed answer, the key could not be found.
  return { ...picked, authorization: `TD1 ${account.apikey}`, 'accept-encoding': 'identity' };
}

/**
 * The location of a redirect, through the relay. A redirect to another host is refused: for the browser all hosts are one,
 * the relay, so that it would send the key to the other host.
 * @param {IncomingHttpHeaders} headers
 * @param {URL} target
 * @param {URL[]} allowed
 * @param {KeptAccount} [account]
 */
function redirectHeader({ location }, target, allowed, account) {
  if (location === undefined) return {};
  const next = new URL(location, target);
  if (next.origin !== target.origin || !isAllowed(next, allowed)) {
    throw new Refusal(421, `${target.host} redirects to ${next.origin}, which must not receive the API key`);
  }
  const path = `${PREFIX}${next.href.replace('://', '/')}`;
  return { location: account ? withoutKey(path, account.apikey) : path };
}

/**
 * @param {readonly string[]} names
 * @param {IncomingHttpHeaders} headers
 */
function pickHeaders(names, headers) {
  return Object.fromEntries(names.filter((name) => name in headers).map((name) => [name, headers[name]]));
}

/**
 * The refusal of a call that got no response. The page retries a 502 only: what the next attempt would meet again, such as a
 * proxy that refuses, gets another status.
 * @param {string} origin
 * @param {unknown} error
 */
function toRefusal(origin, error) {
  let cause = /** @type {Error & { code?: string }} */ (error);
  for (let depth = 0; depth < MAX_CAUSES && cause.cause instanceof Error; depth += 1) cause = cause.cause;
  const { reason, isTransient } = wasm.describeNetworkFailure(cause.message, cause.code, cause.message);
  return new Refusal(isTransient ? 502 : 421, `${origin} does not respond: ${reason}`);
}
