import { ReadableStream } from 'node:stream/web';

/** Bytes of an upload that are passed to the socket at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The body of one request. Node's fetch copies bytes and blobs and holds the copies for long. Copies of small chunks do not
 * matter.
 * @param {Uint8Array[]} chunks
 * @param {() => void} [onBytes] called each time the socket takes bytes
 */
export const toRequestBody = (chunks, onBytes) =>
  /** @type {BodyInit} */ (ReadableStream.from(smallChunks(chunks, onBytes)));

/**
 * @param {Uint8Array[]} chunks
 * @param {() => void} [onBytes]
 */
function* smallChunks(chunks, onBytes) {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      onBytes?.();
      yield chunk.slice(at, at + CHUNK_BYTES);
    }
  }
}
