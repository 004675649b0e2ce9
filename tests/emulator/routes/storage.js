import send from 'send';
import { ApiError, errorBody } from '../errors.js';
import { pathOf } from '../server.js';

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
    .../** @type {object} */ ({ highWaterMark: 256 * 1024 }),
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
