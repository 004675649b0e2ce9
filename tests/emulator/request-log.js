/**
 * The log of requests, for tests. It never contains API keys.
 *
 * @typedef {object} LogEntry
 * @property {number} id
 * @property {string} site
 * @property {string} method
 * @property {string} path with the query string. The `result` URL of a job is hidden, because it contains a key
 * @property {string | null} account of the key
 * @property {string | null} key the key's name
 * @property {boolean} authorized whether the request has an Authorization header
 * @property {number | null} status null until the response
 * @property {boolean} readsCatalog whether it issues a query for the logical views of a database
 * @property {boolean} aborted whether the connection closed before the response was complete
 * @property {number} bytesIn bytes of the request body
 * @property {number} bytesOut bytes of the response body
 * @property {number} startMs
 * @property {number | null} endMs
 * @property {string | null} fault the injected fault, if any
 */

export class RequestLog {
  /** @type {LogEntry[]} */
  entries = [];
  #nextId = 1;

  /**
   * Adds an entry for a request and updates it until the response ends.
   * @param {string} site
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @returns {LogEntry}
   */
  start(site, request, response) {
    /** @type {LogEntry} */
    const entry = {
      id: this.#nextId++,
      site,
      method: request.method ?? '',
      path: (request.url ?? '').replace(/([?&]result=)[^&]*/g, '$1[hidden]'),
      account: null,
      key: null,
      authorized: request.headers.authorization !== undefined,
      status: null,
      readsCatalog: false,
      aborted: false,
      bytesIn: Number(request.headers['content-length'] ?? 0),
      bytesOut: 0,
      startMs: Date.now(),
      endMs: null,
      fault: null,
    };
    this.entries.push(entry);
    countBody(response, entry);
    response.once('close', () => {
      entry.status = response.headersSent ? response.statusCode : null;
      entry.aborted = !response.writableFinished;
      entry.endMs = Date.now();
    });
    return entry;
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {LogEntry} entry
 */
function countBody(response, entry) {
  const { write, end } = response;
  /** @param {unknown} chunk */
  const count = (chunk) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) entry.bytesOut += Buffer.byteLength(chunk);
  };
  response.write = /** @type {typeof write} */ (
    (/** @type {any[]} */ ...args) => {
      count(args[0]);
      return write.apply(response, /** @type {any} */ (args));
    }
  );
  response.end = /** @type {typeof end} */ (
    (/** @type {any[]} */ ...args) => {
      count(args[0]);
      return end.apply(response, /** @type {any} */ (args));
    }
  );
}
