import { open } from 'node:fs/promises';
import send from 'send';
import { ApiError, errorBody } from '../errors.js';
import { pathOf } from '../server.js';

/** Bytes of a file read at once. */
const READ_BYTES = 256 * 1024;

/**
 * Results at another origin, as a storage service has them: whoever knows the URL may read. A request that also brings
 * a key is refused, as such services do.
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
 * The spooled bytes as they are: with Range, ETag and If-Range, and never a Content-Encoding.
 * @param {import('../server.js').Request} request
 * @param {import('fastify').FastifyReply} reply
 * @param {import('../results.js').Spool} spool
 */
export function sendSpool(request, reply, spool) {
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
 * Writes a file's bytes from `start` to `end` inclusive. One buffer serves all of them: a stream would make a new one for
 * each read, and whoever is measured against this server shares its cores with its garbage collector.
 * @param {import('node:http').ServerResponse} response
 * @param {string} path
 * @param {{ start: number, end: number }} range
 */
async function writeRange(response, path, { start, end }) {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(READ_BYTES, end + 1 - start)));
    for (let at = start; at <= end && !response.destroyed; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end + 1 - at), at);
      if (bytesRead === 0) break;
      await written(response, buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    response.end();
  } finally {
    await file.close();
  }
}

/**
 * Writes, and waits until nobody looks at the bytes any more: they are with the system, with a fault that made a copy, or
 * the connection is gone.
 * @param {import('node:http').ServerResponse} response
 * @param {Buffer} bytes
 * @returns {Promise<void>}
 */
function written(response, bytes) {
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
