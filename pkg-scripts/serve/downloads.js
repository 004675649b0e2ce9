import { pipeline } from 'node:stream/promises';
import { Refusal } from './guard.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** Prefix of the paths of downloads: `/download/ID/NAME`. */
export const PREFIX = '/download/';

/** Maximum number of files that wait for their download. */
const MAX_OFFERS = 64;

/**
 * Passes files from the page to the browser's downloads: the page sends a file, and a link takes it under the same path.
 * The answer to the page comes when the browser has taken the whole file. No other way tells a page so.
 */
export function downloadHandlers() {
  /** @type {Map<string, { request: IncomingMessage, response: ServerResponse }>} */
  const offers = new Map();

  return {
    /**
     * Holds a file that the page sends, until its download begins.
     * @param {IncomingMessage} request
     * @param {ServerResponse} response
     */
    offer(request, response) {
      const { url = '' } = request;
      if (request.method !== 'POST') throw new Refusal(405, 'only POST is allowed');
      if (offers.has(url) || offers.size >= MAX_OFFERS) throw new Refusal(429, 'too many downloads wait');
      const offer = { request, response };
      offers.set(url, offer);
      response.once('close', () => {
        if (offers.get(url) === offer) offers.delete(url);
      });
    },

    /**
     * Sends a file to the browser's download.
     * @param {IncomingMessage} request
     * @param {ServerResponse} response
     */
    async take({ url = '', socket }, response) {
      const offer = offers.get(url);
      if (!offer) throw new Refusal(404, 'this download is no longer there; start it in the page');
      offers.delete(url);
      /** @type {Promise<boolean>} */
      const closed = new Promise((resolve) => socket.once('close', resolve));
      try {
        response.writeHead(200, headersOf(offer.request));
        await pipeline(offer.request, response);
        // The browser closes the connection when it has read everything. Until then, bytes may be on their way.
        if (await closed) throw new Error('the download was cancelled');
        offer.response.writeHead(204).end();
      } catch {
        // The page sees that its request failed, and keeps the file.
        offer.response.destroy();
        response.destroy();
      }
    },
  };
}

/** @param {IncomingMessage} offered */
function headersOf({ url = '', headers }) {
  return {
    'content-type': 'application/octet-stream',
    'content-length': headers['content-length'],
    'content-disposition': `attachment; filename*=UTF-8''${url.slice(url.lastIndexOf('/') + 1)}`,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; sandbox",
    connection: 'close',
  };
}
