import { createHash, timingSafeEqual } from 'node:crypto';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** A request that is not served. The message is for the user. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends a refusal as Treasure Data sends its errors, so that the page can read it.
 * @param {ServerResponse} response
 * @param {Refusal} refusal
 */
export function refuse(response, { status, message }) {
  const text = `petit serve: ${message}`;
  const body = JSON.stringify({ error: text, message: text, severity: 'error', status_code: status });
  // The rest of the request's body is not read.
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(body);
}

/**
 * Admits only the page that this server has served.
 * @param {string} host the only `Host` that is accepted, against DNS rebinding
 * @param {string} token the page's secret
 */
export function createGuard(host, token) {
  const origin = `http://${host}`;
  const expected = digest(token);

  return {
    /** @param {IncomingMessage} request */
    checkHost({ headers }) {
      if (headers.host !== host)
        throw new Refusal(421, `open ${origin}/ instead; other host names are refused`);
    },

    /** @param {IncomingMessage} request */
    checkCaller({ headers, method }) {
      const { origin: given, 'sec-fetch-site': site } = headers;
      const isForeign =
        (given !== undefined && given !== origin) || (site !== undefined && site !== 'same-origin');
      if (isForeign) throw new Refusal(403, 'calls are forwarded for its own page only');
      // Browsers send Origin with every call except a same-origin GET.
      if (given === undefined && method !== 'GET') throw new Refusal(403, 'the call has no Origin header');
      const shown = headers['x-petit-token'];
      if (typeof shown !== 'string' || !timingSafeEqual(digest(shown), expected)) {
        throw new Refusal(403, 'this page belongs to another run of petit serve; reload it');
      }
    },
  };
}

/** Has the same length for every text, as `timingSafeEqual` requires.
 * @param {string} text */
const digest = (text) => createHash('sha256').update(text).digest();
