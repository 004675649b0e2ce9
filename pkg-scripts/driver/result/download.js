import { pMapIterable } from 'p-map';
import { errorCode, errorStatus, PetitError } from '../errors.js';
import { readBody } from './read-body.js';

/** @import { CallContext, TdClient } from '../td/client.js' */
/** @import { FinishedJob } from '../td/job.js' */

/** Bytes of a range: large enough that a request's overhead is small, small enough to hold several in memory. */
export const RANGE_BYTES = 4 * 1024 * 1024;
/** Bytes of a chunk: small, because the reader copies each. */
const CHUNK_BYTES = 256 * 1024;

/** @typedef {Pick<FinishedJob, 'jobId' | 'numRecords' | 'resultSize'>} Job */

/** An opened body with its idle timeout.
 * @typedef {Awaited<ReturnType<TdClient['open']>>} OpenedBody */

/**
 * A finished job's stored result, in order, as chunks of bytes. A chunk is valid until the next one is requested. `ranges`
 * are in flight or wait at a time, and one more is being read. A body that breaks off is resumed at that byte.
 *
 * @param {TdClient} td
 * @param {Job} job
 * @param {{ ranges: number, calls: CallContext }} options
 * @returns {AsyncGenerator<Uint8Array, void>}
 */
export async function* download(td, job, { ranges: concurrency, calls }) {
  if ((job.resultSize ?? 0) <= RANGE_BYTES) {
    yield* downloadWhole(td, job, calls);
    return;
  }
  const first = await td.retry(calls, () => td.open(job.jobId, { start: 0, end: RANGE_BYTES - 1 }, calls));
  // A range whose coding `fetch` undoes is no range of the result any more.
  if (first.status !== 206 || first.isDecoded) {
    const isWhole = first.status !== 206;
    if (!isWhole) await discard(first);
    yield* downloadWhole(td, job, calls, isWhole ? first : undefined);
    return;
  }
  const total = first.contentRange?.total ?? Number(job.resultSize ?? 0);
  if (total > Number(job.resultSize)) {
    await discard(first);
    throw tooLong(Number(job.resultSize), job.jobId);
  }
  const buffers = new BufferPool();
  const transfer = { td, jobId: job.jobId, total, etag: first.etag, calls, buffers };
  const ranges = pMapIterable(
    splitRange(total),
    (range) => fetchRange(transfer, range, range.start === 0 ? first : undefined),
    { concurrency, backpressure: concurrency },
  );
  for await (const bytes of ranges) {
    yield* chunksOf(bytes);
    buffers.release(bytes);
  }
}

/** Reuses the memory of ranges: left to the garbage collector, several times as much would be in use. */
class BufferPool {
  /** @type {ArrayBufferLike[]} */
  #free = [];

  /** @param {number} length at most that of a range */
  acquire(length) {
    return new Uint8Array(this.#free.pop() ?? new ArrayBuffer(RANGE_BYTES), 0, length);
  }

  /** @param {Uint8Array} bytes nothing may read them afterwards */
  release({ buffer }) {
    this.#free.push(buffer);
  }
}

/** @param {Uint8Array} bytes */
function* chunksOf(bytes) {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/**
 * @param {number} total
 * @returns {Generator<{ start: number, end: number }>}
 */
function* splitRange(total) {
  for (let start = 0; start < total; start += RANGE_BYTES) {
    yield { start, end: Math.min(start + RANGE_BYTES, total) - 1 };
  }
}

/**
 * @param {{ td: TdClient, jobId: string, total: number, etag?: string, calls: CallContext, buffers: BufferPool }} transfer
 * @param {{ start: number, end: number }} range
 * @param {OpenedBody} [opened]
 * @returns {Promise<Uint8Array>} one of the buffers
 */
async function fetchRange({ td, jobId, total, etag, calls, buffers }, { start, end }, opened) {
  const bytes = buffers.acquire(end + 1 - start);
  let at = start;
  await td.retry(calls, async (budget) => {
    // All bytes arrived, and only the end of the connection failed.
    if (at === end + 1) return;
    const body = opened ?? (await td.open(jobId, { start: at, end, etag }, calls));
    opened = undefined;
    checkRange(body, { start: at, end, total, etag });
    for await (const chunk of readBody(body)) {
      if (chunk.length > end + 1 - at) throw wrongRange(start, end, total);
      bytes.set(chunk, at - start);
      at += chunk.length;
      budget.reset();
    }
    if (at !== end + 1) throw bodyTooShort(at - start, end + 1 - start);
  });
  return bytes;
}

/**
 * @param {OpenedBody} opened
 * @param {{ start: number, end: number, total: number, etag?: string }} requested
 */
function checkRange({ status, contentRange, etag, isDecoded, idleTimeout }, requested) {
  const isRequested =
    status === 206 &&
    !isDecoded &&
    (contentRange === undefined ||
      (contentRange.start === requested.start &&
        (contentRange.total ?? requested.total) === requested.total)) &&
    isSameVersion(etag, requested.etag);
  if (isRequested) return;
  idleTimeout.clear();
  throw wrongRange(requested.start, requested.end, requested.total);
}

/**
 * Downloads the result in one body, resumed where it breaks off: for small results, and for servers that ignore ranges.
 * @param {TdClient} td
 * @param {Job} job
 * @param {CallContext} calls
 * @param {OpenedBody} [opened]
 * @returns {AsyncGenerator<Uint8Array, void>}
 */
async function* downloadWhole(td, { jobId, numRecords, resultSize }, calls, opened) {
  const budget = td.retryBudget(calls);
  let [at, endsAt] = [0, -1];
  let [isDecoded, etag] = [opened?.isDecoded ?? false, opened?.etag];
  for (;;) {
    try {
      // The bytes of a decoded body have no place in the stored result: it is sent again from its start.
      const range = at > 0 && !isDecoded ? { start: at, etag } : {};
      const body = opened ?? (await td.open(jobId, range, calls));
      opened = undefined;
      checkRest(body, { start: at, etag });
      ({ etag, isDecoded } = body);
      const promised = isDecoded ? undefined : promisedEnd(body, at, resultSize);
      let skip = body.status === 206 ? 0 : at;
      for await (const chunk of readBody(body)) {
        const rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        if (rest.length === 0) continue;
        at += rest.length;
        if (promised !== undefined && at > promised.max) throw tooLong(promised.max, jobId);
        budget.reset();
        yield rest;
      }
      // A server that ignores ranges cannot say that nothing follows. Two bodies of the same length do.
      const isConfirmed = body.status !== 206 && at === endsAt;
      if (promised === undefined || at >= promised.min || isConfirmed) return;
      endsAt = body.status === 206 ? -1 : at;
      throw bodyTooShort(at, promised.min);
    } catch (error) {
      const isEmpty = errorCode(error) === 'not_found' && numRecords === 0n && !resultSize;
      const isBeyondEnd = errorStatus(error) === 416 && at > 0;
      if (isEmpty || isBeyondEnd) return;
      await budget.retryOrThrow(error);
    }
  }
}

/**
 * @param {OpenedBody} body
 * @param {{ start: number, etag?: string }} requested
 */
function checkRest({ status, contentRange, etag, idleTimeout }, requested) {
  const isRest = status !== 206 || (contentRange?.start ?? requested.start) === requested.start;
  if (isRest && isSameVersion(etag, requested.etag)) return;
  idleTimeout.clear();
  throw new PetitError('result_changed', 'the job result changed during the download');
}

/**
 * The bytes that the whole result has: at most what the job says, and at least what the job and the body say. The length
 * that a body declares may be that of a truncated body. If the job's size is too large, the server answers 416 to the
 * request for the rest.
 * @param {OpenedBody} body
 * @param {number} at first byte of the body, if it is a range
 * @param {bigint | undefined} resultSize
 * @returns {{ min: number, max: number }}
 */
function promisedEnd({ status, contentRange, contentLength }, at, resultSize) {
  const start = status === 206 ? at : 0;
  const declared = contentRange?.total ?? (contentLength === undefined ? undefined : start + contentLength);
  if (!resultSize) return { min: declared ?? 0, max: declared ?? Number.POSITIVE_INFINITY };
  const max = Number(resultSize);
  return { min: contentRange?.total ?? Math.max(max, declared ?? 0), max };
}

/**
 * Closes a body that is not read.
 * @param {OpenedBody} opened
 */
const discard = (opened) =>
  readBody(opened)
    .return(undefined)
    .then(() => opened.idleTimeout.clear());

/**
 * @param {number} bytes
 * @param {string} job
 */
function tooLong(bytes, job) {
  const message = `the result has more than the ${bytes} bytes that the job promised; petit stopped reading`;
  return new PetitError('result_changed', message, { job });
}

/**
 * Whether both entity tags, as far as they are known, are of the same version.
 * @param {string | undefined} etag
 * @param {string | undefined} known
 */
const isSameVersion = (etag, known) => etag === undefined || known === undefined || etag === known;

/**
 * @param {number} start
 * @param {number} end
 * @param {number} total
 */
function wrongRange(start, end, total) {
  return new PetitError(
    'result_changed',
    `the server did not send the requested bytes ${start}-${end} of ${total}`,
  );
}

/**
 * @param {number} received
 * @param {number} expected
 */
function bodyTooShort(received, expected) {
  return new PetitError('network', `the body ended after ${received} of ${expected} bytes`, {
    retryable: true,
  });
}
