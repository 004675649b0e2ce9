import { pipeline } from 'node:stream/promises';
import { Refusal } from './guard.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** Prefix of the paths of downloads: `/download/ID/NAME`. */
export const PREFIX = '/download/';

/** Maximum number of files that wait for their download. */
const MAX_WAITING = 64;

/** @typedef {{ request: IncomingMessage, response: ServerResponse }} Offer a file that the page sends */

/** A download that the page has announced. */
class Announced {
  /** @type {(offer: Offer) => void} */
  resolve = () => {};
  /** @type {Promise<Offer>} */
  offer = new Promise((resolve) => {
    this.resolve = resolve;
  });
  isOffered = false;
}

/**
 * Passes files from the page to the browser's downloads. The page announces a download (PUT), sends the file (POST), and
 * follows a link (GET) to the same path, which takes the file. The answer to the POST comes when the browser has taken the
 * whole file: no other way tells a page so. The announcement comes first, because POST and GET arrive in any order.
 */
export function downloadHandlers() {
  /** @type {Map<string, Announced>} */
  const waiting = new Map();

  /** Makes room for one more, if only an announcement of a page that is gone is in the way. */
  function makeRoom() {
    if (waiting.size < MAX_WAITING) return;
    const [abandoned] = [...waiting].find(([, { isOffered }]) => !isOffered) ?? [];
    if (abandoned === undefined) throw new Refusal(429, 'too many downloads wait');
    waiting.delete(abandoned);
  }

  /**
   * A request of the page.
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  function offer(request, response) {
    const { url = '', method } = request;
    if (method === 'PUT') {
      makeRoom();
      waiting.set(url, new Announced());
      response.writeHead(204).end();
      return;
    }
    if (method !== 'POST') throw new Refusal(405, 'only PUT and POST are allowed');
    const announced = waiting.get(url);
    if (!announced || announced.isOffered) throw new Refusal(404, 'this download was not announced');
    announced.isOffered = true;
    announced.resolve({ request, response });
    response.once('close', () => waiting.delete(url));
  }

  /**
   * The browser's download.
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async function take({ url = '', socket }, response) {
    const announced = waiting.get(url);
    if (!announced) throw new Refusal(404, 'this download is no longer there; start it in the page');
    const offer = await announced.offer;
    waiting.delete(url);
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
  }

  return { offer, take };
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
