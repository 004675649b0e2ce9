import { pMapIterable } from 'p-map';
import { PetitError } from '../errors.js';

/** @import { Run, TreasureData } from '../td/client.js' */

/** Bytes asked for at once: large enough that a request's overhead is small, small enough to hold several. */
export const RANGE_BYTES = 4 * 1024 * 1024;
/** Bytes of a range handed on at once: little, because whoever takes them makes a copy. */
const PIECE_BYTES = 256 * 1024;

/**
 * @typedef {object} Job
 * @property {string} jobId
 * @property {bigint} [numRecords] rows of the result, if TD told them
 * @property {bigint} [resultSize] its bytes as stored, if TD told them
 */

/**
 * A finished job's stored result, in order, as chunks of bytes; a chunk holds them until the next is asked for.
 * `parallelism` ranges are under way or waiting at a time, and one more is being handed on; a cut body is resumed at the
 * byte where it stopped.
 *
 * @param {TreasureData} td
 * @param {Job} job
 * @param {{ parallelism: number, run: Run }} options
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* download(td, job, { parallelism, run }) {
  if ((job.resultSize ?? 0) <= RANGE_BYTES) {
    yield* sequential(td, job, run);
    return;
  }
  const first = await td.retry(run, () => td.open(job.jobId, { start: 0, end: RANGE_BYTES - 1 }, run));
  if (first.status !== 206) {
    yield* sequential(td, job, run, first);
    return;
  }
  const total = first.contentRange?.total ?? Number(job.resultSize ?? 0);
  const buffers = new Buffers();
  const transfer = { td, jobId: job.jobId, total, etag: first.etag, run, buffers };
  const ranges = pMapIterable(
    cut(total),
    (range) => fetchRange(transfer, range, range.start === 0 ? first : undefined),
    { concurrency: parallelism, backpressure: parallelism },
  );
  for await (const bytes of ranges) {
    yield* pieces(bytes);
    buffers.give(bytes);
  }
}

/** Memory for ranges, used again and again: left to the garbage collector, several times as much would be in use. */
class Buffers {
  /** @type {ArrayBufferLike[]} */
  #free = [];

  /** @param {number} length at most that of a range */
  take(length) {
    return new Uint8Array(this.#free.pop() ?? new ArrayBuffer(RANGE_BYTES), 0, length);
  }

  /** @param {Uint8Array} bytes that nobody looks at any more */
  give({ buffer }) {
    this.#free.push(buffer);
  }
}

/** @param {Uint8Array} bytes */
function* pieces(bytes) {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/**
 * @param {number} total
 * @returns {Generator<{ start: number, end: number }>}
 */
function* cut(total) {
  for (let start = 0; start < total; start += RANGE_BYTES) {
    yield { start, end: Math.min(start + RANGE_BYTES, total) - 1 };
  }
}

/** An opened body together with the watch over its silence.
 * @typedef {Awaited<ReturnType<TreasureData['open']>>} Opened */

/**
 * @param {{ td: TreasureData, jobId: string, total: number, etag?: string, run: Run, buffers: Buffers }} transfer
 * @param {{ start: number, end: number }} range
 * @param {Opened} [opened]
 * @returns {Promise<Uint8Array>} one of the buffers
 */
async function fetchRange({ td, jobId, total, etag, run, buffers }, { start, end }, opened) {
  const bytes = buffers.take(end + 1 - start);
  let at = start;
  await td.retry(run, async (patience) => {
    // Every byte came, and only the end of the connection failed.
    if (at === end + 1) return;
    const body = opened ?? (await td.open(jobId, { start: at, end, etag }, run));
    opened = undefined;
    checkRange(body, { start: at, end, total, etag });
    for await (const chunk of read(body)) {
      if (chunk.length > end + 1 - at) throw notAsAsked(start, end, total);
      bytes.set(chunk, at - start);
      at += chunk.length;
      patience.renew();
    }
    if (at !== end + 1) throw cutShort(at - start, end + 1 - start);
  });
  return bytes;
}

/**
 * @param {Opened} opened
 * @param {{ start: number, end: number, total: number, etag?: string }} wanted
 */
function checkRange({ status, contentRange, etag, watch }, wanted) {
  const same =
    status === 206 &&
    (contentRange === undefined ||
      (contentRange.start === wanted.start && (contentRange.total ?? wanted.total) === wanted.total)) &&
    (etag === undefined || wanted.etag === undefined || etag === wanted.etag);
  if (same) return;
  watch.stop();
  throw notAsAsked(wanted.start, wanted.end, wanted.total);
}

/**
 * @param {number} start
 * @param {number} end
 * @param {number} total
 */
function notAsAsked(start, end, total) {
  return new PetitError(
    'result_changed',
    `the server did not send the bytes ${start}-${end} of ${total} that were asked for`,
  );
}

/**
 * The whole result by one body after another: for small results, and for servers that ignore ranges.
 * @param {TreasureData} td
 * @param {Job} job
 * @param {Run} run
 * @param {Opened} [opened]
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* sequential(td, { jobId, numRecords, resultSize }, run, opened) {
  const patience = td.patience(run);
  let at = 0;
  let etag = opened?.etag;
  for (;;) {
    try {
      const body = opened ?? (await td.open(jobId, at > 0 ? { start: at, etag } : {}, run));
      opened = undefined;
      checkSame(body, { start: at, etag });
      etag = body.etag;
      let skip = body.status === 206 ? 0 : at;
      const expected = endOf(body, at, Number(resultSize ?? 0));
      for await (const chunk of read(body)) {
        const rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        if (rest.length === 0) continue;
        at += rest.length;
        patience.renew();
        yield rest;
      }
      if (at < expected) throw cutShort(at, expected);
      return;
    } catch (error) {
      const nothingStored =
        /** @type {any} */ (error).code === 'not_found' && numRecords === 0n && !resultSize;
      const isBeyondEnd = /** @type {any} */ (error).status === 416 && at > 0;
      if (nothingStored || isBeyondEnd) return;
      await patience.wait(error);
    }
  }
}

/**
 * @param {Opened} body
 * @param {{ start: number, etag?: string }} wanted
 */
function checkSame({ status, contentRange, etag, watch }, wanted) {
  const isRest = status !== 206 || (contentRange?.start ?? wanted.start) === wanted.start;
  if (isRest && (wanted.etag === undefined || etag === undefined || etag === wanted.etag)) return;
  watch.stop();
  throw new PetitError('result_changed', 'the job result changed during the download');
}

/**
 * How many bytes the whole result has. A length that a body only claims may be the cut one's: what TD tells of the job
 * counts too. Should that be too much, the server says so when it is asked for the rest.
 * @param {Opened} body
 * @param {number} at the byte it begins with, if it is a range
 * @param {number} resultSize
 */
function endOf({ status, contentRange, contentLength }, at, resultSize) {
  if (contentRange?.total !== undefined) return contentRange.total;
  const start = status === 206 ? at : 0;
  return contentLength === undefined ? resultSize : Math.max(start + contentLength, resultSize);
}

/**
 * The body's chunks. However reading ends, the connection is let go and the watch stopped.
 * @param {Opened} opened
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* read({ body, watch }) {
  const reader = body?.getReader();
  let whole = false;
  try {
    while (reader) {
      const { done, value } = await reader.read();
      whole = done;
      if (done) return;
      // Time that the reader of these bytes takes is not the server's.
      watch.rest();
      yield value;
      watch.heard();
    }
  } catch (thrown) {
    throw lostConnection(thrown);
  } finally {
    watch.stop();
    if (!whole) await reader?.cancel().catch(ignore);
  }
}

/** The body is given up because of another error, or because enough was read; its own end does not matter any more. */
function ignore() {}

/**
 * @param {unknown} thrown what the platform says when a body breaks off
 * @returns {Error}
 */
function lostConnection(thrown) {
  if (thrown instanceof PetitError) return thrown;
  const { message, cause, name } = /** @type {Error & { cause?: Error }} */ (thrown);
  if (name === 'AbortError') return /** @type {Error} */ (thrown);
  const reason = `the connection was lost: ${cause?.message ?? message}`;
  return new PetitError('network', reason, { retryable: true, cause: thrown });
}

/**
 * @param {number} got
 * @param {number} wanted
 */
function cutShort(got, wanted) {
  return new PetitError('network', `the body ended after ${got} of ${wanted} bytes`, { retryable: true });
}
