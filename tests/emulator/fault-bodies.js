import { STATUS_CODES } from 'node:http';
import { errorBody } from './errors.js';

/**
 * Changes to answers on their way out. They sit on `write` and `end` of Node's response, so that they work alike for
 * JSON, streams and files.
 *
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(chunk: Buffer, done: (chunk: Buffer | null) => void, send: (chunk: Buffer) => void) => void} Filter gives a
 *   changed chunk, perhaps later; null ends the matter: nothing more is sent. What it sends goes before.
 */

/**
 * @param {Response} response
 * @param {{ status: number, body?: 'json' | 'html' | 'empty', headers?: Record<string, string> }} given
 * @param {(body: string) => void} end
 */
export function answer(response, { status, body = 'json', headers = {} }, end) {
  const words = STATUS_CODES[status] ?? 'Error';
  const bodies = {
    json: ['application/json', JSON.stringify(errorBody(status, `${words} (injected)`))],
    html: ['text/html', `<html><body><h1>${status} ${words}</h1></body></html>`],
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
 * Lets the handler work but sends something else in place of its answer.
 * @param {Response} response
 * @param {(end: (body: string) => void) => void} instead
 */
export function loseAnswer(response, instead) {
  const { writeHead, end } = response;
  response.writeHead = /** @type {any} */ (() => response);
  response.write = /** @type {any} */ (() => true);
  response.end = /** @type {any} */ (
    () => {
      response.writeHead = writeHead;
      response.end = end;
      instead((body) => end.call(response, body, 'utf8'));
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
  let over = false;
  /** @param {unknown} chunk @param {unknown} encoding */
  const pass = (chunk, encoding) => {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return;
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, /** @type {BufferEncoding} */ (typeof encoding === 'string' ? encoding : 'utf8'))
        : Buffer.from(/** @type {Uint8Array} */ (chunk));
    pending = pending.then(
      () =>
        new Promise((done) => {
          if (over) return done();
          const send = (/** @type {Buffer} */ changed) => {
            if (!response.destroyed) write.call(response, changed, 'utf8');
          };
          const last = (/** @type {Buffer | null} */ changed) => {
            if (changed === null) over = true;
            else send(changed);
            done();
          };
          filter(bytes, last, send);
        }),
    );
  };
  response.write = /** @type {any} */ (
    (/** @type {unknown} */ chunk, /** @type {unknown} */ encoding) => {
      pass(chunk, encoding);
      pending.then(() => response.emit('drain'));
      return false;
    }
  );
  response.end = /** @type {any} */ (
    (/** @type {unknown} */ chunk, /** @type {unknown} */ encoding) => {
      pass(chunk, encoding);
      pending.then(() => {
        if (!over && !response.destroyed) end.call(response, undefined, 'utf8');
      });
      return response;
    }
  );
}

/**
 * Sends so many bytes, then cuts.
 * @param {number} limit
 * @param {() => void} cut
 * @returns {Filter}
 */
export function cutter(limit, cut) {
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
    // The bytes before the cut shall arrive.
    setTimeout(cut, 20);
  };
}

/**
 * Sends so many bytes and says that there are no more. What has fewer is sent as it is.
 * @param {Response} response
 * @param {number} limit
 */
export function shorten(response, limit) {
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
 * @param {number} atByte
 * @returns {Filter}
 */
export function corrupter(atByte) {
  let passed = 0;
  return (chunk, done) => {
    const place = atByte - passed;
    passed += chunk.length;
    if (place >= 0 && place < chunk.length) chunk.writeUInt8(chunk.readUInt8(place) ^ 0xff, place);
    done(chunk);
  };
}

/**
 * @param {number} afterBytes
 * @param {number} milliseconds
 * @returns {Filter}
 */
export function staller(afterBytes, milliseconds) {
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
 * @param {Record<string, string | null>} headers
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
