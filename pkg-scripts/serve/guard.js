import { createHash, timingSafeEqual } from 'node:crypto';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** A request that is not served, and what the person at the other end is told. */
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
 * Answers in the form of Treasure Data's own refusals, which the page can read.
 * @param {ServerResponse} response
 * @param {Refusal} refusal
 */
export function refuse(response, { status, message }) {
  const text = `petit serve: ${message}`;
  const body = JSON.stringify({ error: text, message: text, severity: 'error', status_code: status });
  // Of a request that is refused half-way, the rest is not waited for.
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(body);
}

/**
 * Keeps everybody out but the page that this server served.
 * @param {string} host the only one it answers under: another name for the address is somebody's DNS rebinding
 * @param {string} token that only the page knows
 */
export function guardFor(host, token) {
  const origin = `http://${host}`;
  const wanted = digest(token);

  return {
    /** @param {IncomingMessage} request */
    checkHost({ headers }) {
      if (headers.host !== host)
        throw new Refusal(421, `open ${origin}/ instead; it answers to no other name`);
    },

    /** @param {IncomingMessage} request */
    checkCaller({ headers, method }) {
      const { origin: given, 'sec-fetch-site': site } = headers;
      const isForeign =
        (given !== undefined && given !== origin) || (site !== undefined && site !== 'same-origin');
      if (isForeign) throw new Refusal(403, 'calls are passed on for its own page only');
      // Browsers send it with every call that may change something; only a same-origin GET comes without.
      if (given === undefined && method !== 'GET') throw new Refusal(403, 'a call without an Origin');
      const shown = headers['x-petit-token'];
      if (typeof shown !== 'string' || !timingSafeEqual(digest(shown), wanted)) {
        throw new Refusal(403, 'this page is of another run of petit serve; reload it');
      }
    },
  };
}

/** Of the same length whatever the text's, so that comparing takes the same time.
 * @param {string} text */
const digest = (text) => createHash('sha256').update(text).digest();
