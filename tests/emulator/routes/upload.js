import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ApiError } from '../errors.js';

/**
 * @typedef {import('../server.js').App} App
 * @typedef {import('../server.js').Request} Request
 */

/**
 * Registers routes of uploads, whose handlers read the body as a stream. TD takes any content type: td-client-node sends
 * `application/json` in chunks.
 * @param {App} app
 * @param {(scope: App) => void} routes
 */
export function registerUploads(app, routes) {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    routes(scope);
  });
}

/**
 * Saves a raw request body to a file.
 * @param {Request} request
 * @param {string} file
 * @throws {ApiError} 400 if it is shorter than its Content-Length
 */
export async function saveBody(request, file) {
  const expected = request.headers['content-length'];
  const output = createWriteStream(file, { highWaterMark: 1024 * 1024 });
  await pipeline(request.raw, output);
  if (expected !== undefined && output.bytesWritten !== Number(expected)) {
    throw new ApiError(400, 'The body is shorter than its Content-Length');
  }
}
