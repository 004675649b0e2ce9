/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Access } from './access.js' */

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
 * @param {Access} access
 */
export function createGuard(host, access) {
  const origin = `http://${host}`;

  return {
    /** @param {IncomingMessage} request */
    checkHost({ headers }) {
      if (headers.host !== host)
        throw new Refusal(421, `open ${origin}/ instead; other host names are refused`);
    },

    /**
     * Refuses the script of a service worker. petit has none, so a program that had this port before has left it.
     * @param {IncomingMessage} request
     */
    checkPurpose({ headers }) {
      if (headers['service-worker'] !== undefined) throw new Refusal(403, 'service workers are refused');
    },

    /**
     * Admits requests that a page of this origin has sent.
     * @param {IncomingMessage} request
     */
    checkOrigin({ headers, method }) {
      const { origin: given, 'sec-fetch-site': site } = headers;
      const isForeign =
        (given !== undefined && given !== origin) || (site !== undefined && site !== 'same-origin');
      if (isForeign) throw new Refusal(403, 'calls are forwarded for its own page only');
      // Browsers send Origin with every call except a same-origin GET.
      if (given === undefined && method !== 'GET') throw new Refusal(403, 'the call has no Origin header');
    },

    /**
     * @param {IncomingMessage} request
     * @param {string} session
     */
    checkToken({ headers }, session) {
      if (!access.isToken(session, headers['x-petit-token']))
        throw new Refusal(403, 'this page belongs to another run of petit serve; use the new page');
    },
  };
}
