import { open } from 'node:fs/promises';
import send from 'send';
import { ApiError, errorBody } from '../errors.js';
import { pathOf } from '../parameters.js';

/** Bytes per read from a file. */
const READ_BYTES = 256 * 1024;

/**
 * Route of results at another origin. As in storage services, the URL is enough to read, and a request with a key is
 * rejected.
 * @param {import('../server.js').App} app
 * @param {import('../emulator.js').Emulator} emulator
 */
export function storageRoutes(app, emulator) {
  app.get('/storage/:token', (request, reply) => {
    const spool = emulator.stored.get(pathOf(request).token ?? '');
    if (!spool) throw new ApiError(404, 'No such object');
    if (request.headers.authorization) throw new ApiError(400, 'Only one way to authenticate is allowed');
    return sendSpool(request, reply, spool);
  });
}

/**
 * Sends the stored bytes, with Range, ETag and If-Range, and without Content-Encoding.
 * @param {import('../server.js').Request} request
 * @param {import('fastify').FastifyReply} reply
 * @param {import('../results.js').Spool} spool
 */
export function sendSpool(request, reply, spool) {
  if (spool.body) return sendBytes(request, reply, { ...spool, body: spool.body });
  const { raw: response } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value ?? '');
  response.setHeader('content-type', 'application/x-msgpack');
  response.setHeader('etag', spool.etag);
  const stream = send(request.raw, spool.path, {
    cacheControl: false,
    lastModified: false,
    dotfiles: 'allow',
    acceptRanges: !(/** @type {any} */ (request).ignoreRange),
  });
  Object.assign(stream, {
    stream: (/** @type {string} */ path, /** @type {{ start: number, end: number }} */ range) =>
      writeRange(response, path, range).catch((error) => response.destroy(error)),
  });
  stream.on('error', (/** @type {Error & { status?: number }} */ error) => {
    const status = error.status ?? 500;
    response.statusCode = status;
    if (status === 416) response.setHeader('content-range', `bytes */${spool.size}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(errorBody(status, error.message)));
  });
  stream.pipe(response);
}

/**
 * Sends a result that is in memory.
 * @param {import('../server.js').Request} request
 * @param {import('fastify').FastifyReply} reply
 * @param {import('../results.js').Spool & { body: Buffer }} spool
 */
function sendBytes(request, reply, { body, etag }) {
  reply.type('application/x-msgpack').header('etag', etag);
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers.range ?? ''));
  if (!range) return reply.send(body);
  const [start, end] = [Number(range[1]), Math.min(Number(range[2] || body.length - 1), body.length - 1)];
  if (start > end) return reply.code(416).header('content-range', `bytes */${body.length}`).send();
  reply.code(206).header('content-range', `bytes ${start}-${end}/${body.length}`);
  return reply.send(body.subarray(start, end + 1));
}

/**
 * Sends a file's bytes from `start` to `end`, inclusive. A stream would allocate a buffer for each read, and the garbage
 * collection would distort measurements of clients on the same machine. So one buffer is reused.
 * @param {import('node:http').ServerResponse} response
 * @param {string} path
 * @param {{ start: number, end: number }} range
 */
async function writeRange(response, path, { start, end }) {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(READ_BYTES, end + 1 - start)));
    for (let position = start; position <= end && !response.destroyed; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end + 1 - position), position);
      if (bytesRead === 0) break;
      await writeAndWait(response, buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    response.end();
  } finally {
    await file.close();
  }
}

/**
 * Writes bytes and waits until the buffer can be reused: the system or a fault has copied it, or the connection is closed.
 * @param {import('node:http').ServerResponse} response
 * @param {Buffer} bytes
 * @returns {Promise<void>}
 */
function writeAndWait(response, bytes) {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
    response.write(bytes, done);
  });
}
