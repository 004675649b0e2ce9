import { ByteSemaphore } from '../../driver/utils/byte-semaphore.js';
import { detachBuffer } from '../../driver/utils/free-buffer.js';

/** @import { Upload, UploadedPart } from './store.js' */

/** Size of the first parts in bytes. All parts of most objects have it: some stores take no other. */
const PART_BYTES = 8 * 2 ** 20;
/** Parts of the first size, which are 39 GiB. */
const EQUAL_PARTS = 5_000;
/** The size doubles after each so many more parts, so that 10,000 parts hold 8 TiB. */
const DOUBLING_PARTS = 500;
/** Maximum bytes that all uploads of this process send at a time. */
const MAX_BYTES_IN_FLIGHT = 64 * 2 ** 20;

const inFlight = new ByteSemaphore(MAX_BYTES_IN_FLIGHT);

/**
 * The size of a part in bytes.
 * @param {number} number from 1
 */
export const partBytes = (number) =>
  PART_BYTES * 2 ** Math.max(0, Math.ceil((number - EQUAL_PARTS) / DOUBLING_PARTS));

/** Uploads a stream of bytes in parts, several at a time. Holds one part that fills, and those that are being sent. */
export class PartWriter {
  #upload;
  #holdings = inFlight.open();
  #failure = new AbortController();
  /** @type {unknown} */
  #error;
  #partBytes;
  /** @type {Uint8Array | undefined} */
  #part;
  #filled = 0;
  #count = 0;
  /** @type {Set<Promise<void>>} */
  #sending = new Set();
  /** @type {UploadedPart[]} */
  parts = [];
  bytes = 0n;

  /**
   * @param {Upload} upload
   * @param {(number: number) => number} [sizeOf] of a part in bytes
   */
  constructor(upload, sizeOf = partBytes) {
    this.#upload = upload;
    this.#partBytes = sizeOf;
  }

  /**
   * Appends bytes and detaches their buffer. Waits while too many bytes are being sent.
   * @param {Uint8Array} chunk
   */
  async write(chunk) {
    const { length } = chunk;
    for (let at = 0; at < length; ) {
      this.#part ??= new Uint8Array(this.#partBytes(this.#count + 1));
      const piece = chunk.subarray(at, at + this.#part.length - this.#filled);
      this.#part.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled === this.#part.length) await this.#sendPart();
    }
    this.bytes += BigInt(length);
    if (length > 0) detachBuffer(chunk);
  }

  /** Sends what is left, and waits until the store has all parts. An object has at least one. */
  async finish() {
    if (this.#filled > 0 || this.#count === 0) await this.#sendPart();
    await Promise.all(this.#sending);
    this.#throwIfFailed();
    this.#holdings.close();
    this.parts.sort((a, b) => a.number - b.number);
  }

  /** Stops all parts that are being sent. */
  async stop() {
    this.#failure.abort();
    await Promise.all(this.#sending);
    this.#holdings.close();
    this.#part = undefined;
  }

  async #sendPart() {
    this.#throwIfFailed();
    const bytes = (this.#part ?? new Uint8Array(0)).subarray(0, this.#filled);
    this.#part = undefined;
    this.#filled = 0;
    this.#count += 1;
    const number = this.#count;
    const held = Math.min(bytes.length, MAX_BYTES_IN_FLIGHT);
    await this.#holdings.acquire(held);
    this.#throwIfFailed();
    const sending = this.#send(number, bytes).finally(() => {
      this.#holdings.release(held);
      this.#sending.delete(sending);
    });
    this.#sending.add(sending);
  }

  /** @param {number} number @param {Uint8Array} bytes */
  async #send(number, bytes) {
    try {
      this.parts.push(await this.#upload.putPart(number, bytes, this.#failure.signal));
    } catch (error) {
      // The next write throws it.
      this.#error ??= error;
      this.#failure.abort();
    } finally {
      if (bytes.length > 0) detachBuffer(bytes);
    }
  }

  #throwIfFailed() {
    if (this.#error !== undefined) throw this.#error;
  }
}
