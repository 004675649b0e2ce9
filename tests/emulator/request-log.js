/**
 * What was asked of the emulator, for tests to look at. Keys are never in it.
 *
 * @typedef {object} LogEntry
 * @property {number} id
 * @property {string} site
 * @property {string} method
 * @property {string} path with its query, but for the result URL of a job: there is a key in it
 * @property {string | null} account whose key it was
 * @property {string | null} key the key's name
 * @property {boolean} authorized whether any Authorization header came
 * @property {number | null} status null until answered
 * @property {boolean} aborted whether the connection went before the answer was whole
 * @property {number} bytesIn of the body
 * @property {number} bytesOut of the body
 * @property {number} startMs
 * @property {number | null} endMs
 * @property {string | null} fault the injected fault, if any
 */

export class RequestLog {
  /** @type {LogEntry[]} */
  entries = [];
  #nextId = 1;

  /**
   * Begins an entry and keeps it up to date.
   * @param {string} site
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @returns {LogEntry}
   */
  begin(site, request, response) {
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
