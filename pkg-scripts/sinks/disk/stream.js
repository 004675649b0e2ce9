import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { PetitError } from '../../driver/errors.js';
import { detachBuffer } from '../../driver/utils/free-buffer.js';
import { sleep } from '../../driver/utils/sleep.js';

/** @import { Writable } from 'node:stream' */

/** Time between two looks for the reader of a FIFO, in milliseconds. */
const READER_POLL_MS = 50;

/**
 * Opens a device, a FIFO or a socket. Its bytes cannot be taken back.
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<WritableStream<Uint8Array>>}
 */
export async function openStream(path, signal) {
  const found = await stat(path);
  if (found.isSocket()) return streamTo(await connect(path), { isOwn: true });
  // The reader would see the end of the file if this were closed before the next open.
  const probe = found.isFIFO() ? await waitForReader(path, signal) : undefined;
  // No O_CREAT and no O_TRUNC: petit writes to what is there.
  const flags = found.isFile() ? constants.O_WRONLY | constants.O_APPEND : constants.O_WRONLY;
  const file = await open(path, flags).finally(() => probe?.close());
  return new WritableStream(
    {
      async write(chunk) {
        await file.writeFile(chunk);
        detachBuffer(chunk);
      },
      close: () => file.close(),
      abort: () => file.close(),
    },
    { highWaterMark: 1 },
  );
}

/** Standard output, which stays open. */
export const openStdout = () => streamTo(process.stdout, { isOwn: false });

/**
 * @param {Writable} output
 * @param {{ isOwn: boolean }} options `isOwn`: whether to end the output
 * @returns {WritableStream<Uint8Array>}
 */
function streamTo(output, { isOwn }) {
  return new WritableStream(
    {
      async write(chunk) {
        await new Promise((resolve, reject) => {
          output.write(chunk, (error) => (error ? reject(error) : resolve(undefined)));
        });
        detachBuffer(chunk);
      },
      close: () => new Promise((resolve) => (isOwn ? output.end(() => resolve()) : resolve())),
      abort: () => void (isOwn && output.destroy()),
    },
    { highWaterMark: 1 },
  );
}

/**
 * Opening a FIFO without a reader blocks a thread, which an abort cannot interrupt.
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function waitForReader(path, signal) {
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENXIO') throw error;
      await sleep(READER_POLL_MS, signal);
    }
  }
}

/** @param {string} path @returns {Promise<import('node:net').Socket>} */
function connect(path) {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => {
      socket.off('error', onError);
      // Later errors reject the write that meets them.
      socket.on('error', () => {});
      resolve(socket);
    });
    const onError = (/** @type {Error} */ error) =>
      reject(new PetitError('cannot_write', `the socket ${path} does not respond: ${error.message}`));
    socket.once('error', onError);
  });
}
