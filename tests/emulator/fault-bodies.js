import { STATUS_CODES } from 'node:http';
import { errorBody } from './errors.js';

/**
 * Changes responses while they are sent. Replaces `write` and `end` of Node's response, so that it works for JSON,
 * streams and files.
 *
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(chunk: Buffer, done: (chunk: Buffer | null) => void, send: (chunk: Buffer) => void) => void} Filter calls
 *   `done` with the changed chunk, possibly later. After null, nothing more is sent. `send` sends bytes before that.
 */

/**
 * Sends an injected status instead of the handler's response.
 * @param {Response} response
 * @param {{ status: number, body?: 'json' | 'html' | 'empty', headers?: Record<string, string> }} content
 * @param {(body: string) => void} end
 */
export function sendStatus(response, { status, body = 'json', headers = {} }, end) {
  const reason = STATUS_CODES[status] ?? 'Error';
  const bodies = {
    json: ['application/json', JSON.stringify(errorBody(status, `${reason} (injected)`))],
    html: ['text/html', `<html><body><h1>${status} ${reason}</h1></body></html>`],
    empty: ['', ''],
  };
  const [type = '', text = ''] = bodies[body];
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = status;
  if (type) response.setHeader('content-type', type);
  response.setHeader('content-length', Buffer.byteLength(text));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  end(text);
}

/**
 * Runs the handler, but sends something else instead of its response.
 * @param {Response} response
 * @param {(end: (body: string) => void) => void} send
 */
export function replaceResponse(response, send) {
  const { writeHead, end } = response;
  response.writeHead = /** @type {any} */ (() => response);
  response.write = /** @type {any} */ (() => true);
  response.end = /** @type {any} */ (
    () => {
      response.writeHead = writeHead;
      response.end = end;
      send((body) => end.call(response, body, 'utf8'));
      return response;
    }
  );
}

/**
 * @param {Response} response
 * @param {Filter} filter
 */
export function filterBody(response, filter) {
  const { write, end } = response;
  let pending = Promise.resolve();
  let isOver = false;
  /** @param {unknown} chunk @param {unknown} encoding */
  const enqueue = (chunk, encoding) => {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return;
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, /** @type {BufferEncoding} */ (typeof encoding === 'string' ? encoding : 'utf8'))
        : Buffer.from(/** @type {Uint8Array} */ (chunk));
    pending = pending.then(
      () =>
        new Promise((resolve) => {
          if (isOver) return resolve();
          const send = (/** @type {Buffer} */ changed) => {
            if (!response.destroyed) write.call(response, changed, 'utf8');
          };
          const done = (/** @type {Buffer | null} */ changed) => {
            if (changed === null) isOver = true;
            else send(changed);
            resolve();
          };
          filter(bytes, done, send);
        }),
    );
  };
  response.write = /** @type {any} */ (
    (/** @type {unknown} */ chunk, /** @type {unknown} */ encoding) => {
      enqueue(chunk, encoding);
      pending.then(() => response.emit('drain'));
      return false;
    }
  );
  response.end = /** @type {any} */ (
    (/** @type {unknown} */ chunk, /** @type {unknown} */ encoding) => {
      enqueue(chunk, encoding);
      pending.then(() => {
        if (!isOver && !response.destroyed) end.call(response, undefined, 'utf8');
      });
      return response;
    }
  );
}

/**
 * Sends `limit` bytes, then calls `cut`.
 * @param {number} limit
 * @param {() => void} cut
 * @returns {Filter}
 */
export function cutAfter(limit, cut) {
  let left = limit;
  return (chunk, done) => {
    if (chunk.length <= left) {
      left -= chunk.length;
      return done(chunk);
    }
    const last = chunk.subarray(0, left);
    left = 0;
    done(last);
    done(null);
    // Gives the bytes before the cut time to arrive.
    setTimeout(cut, 20);
  };
}

/**
 * Truncates the body to `limit` bytes and sets Content-Length to match. A shorter body is not changed.
 * @param {Response} response
 * @param {number} limit
 */
export function truncateBody(response, limit) {
  const { writeHead } = response;
  response.writeHead = /** @type {any} */ (
    (/** @type {any[]} */ ...args) => {
      const length = Number(response.getHeader('content-length') ?? Number.POSITIVE_INFINITY);
      if (length > limit) response.setHeader('content-length', limit);
      return writeHead.apply(response, /** @type {any} */ (args));
    }
  );
  let left = limit;
  filterBody(response, (chunk, done) => {
    const kept = chunk.subarray(0, left);
    left -= kept.length;
    done(kept);
  });
}

/**
 * Inverts the bits of one byte.
 * @param {number} atByte
 * @returns {Filter}
 */
export function flipByte(atByte) {
  let passed = 0;
  return (chunk, done) => {
    const index = atByte - passed;
    passed += chunk.length;
    if (index >= 0 && index < chunk.length) chunk.writeUInt8(chunk.readUInt8(index) ^ 0xff, index);
    done(chunk);
  };
}

/**
 * Sends `afterBytes` bytes, then nothing for a while, then the rest.
 * @param {number} afterBytes
 * @param {number} milliseconds
 * @returns {Filter}
 */
export function stallAfter(afterBytes, milliseconds) {
  let passed = 0;
  let stalled = false;
  return (chunk, done, send) => {
    const before = Math.max(0, afterBytes - passed);
    passed += chunk.length;
    if (stalled || passed < afterBytes) return done(chunk);
    stalled = true;
    if (before > 0) send(chunk.subarray(0, before));
    setTimeout(() => done(chunk.subarray(before)), milliseconds).unref();
  };
}

/**
 * @param {Response} response
 * @param {Record<string, string | null>} headers null removes a header
 */
export function changeHeaders(response, headers) {
  const { writeHead } = response;
  response.writeHead = /** @type {any} */ (
    (/** @type {any[]} */ ...args) => {
      for (const [name, value] of Object.entries(headers)) {
        if (value === null) response.removeHeader(name);
        else response.setHeader(name, value);
      }
      return writeHead.apply(response, /** @type {any} */ (args));
    }
  );
}
