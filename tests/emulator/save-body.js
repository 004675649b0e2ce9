import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ApiError } from './errors.js';

/**
 * Saves a raw request body to a file.
 * @param {import('./server.js').Request} request
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
