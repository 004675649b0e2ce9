import { pMapIterable } from 'p-map';
import { counted } from '../export/table.js';
import { byteLength, rowGroups } from '../result/split-rows.js';
import { metered, meteredSource } from '../run/profile.js';
import { Room } from '../utils/byte-semaphore.js';

/** @import { CloneContext, CloneOptions, CopyTask } from './table.js' */
/** @import { Segment } from '../workers/encode.js' */
/** @import { SlicedResult } from '../result/job-result.js' */
/** @import { Wasm } from '../wasm.js' */

/** Compressed bytes of a part: what TD's own importers cut at. */
const PART_BYTES = 16 * 2 ** 20;
/** Parts of a session, roughly, from which on they get larger, up to the bytes below: 16 GB, the most that TD hands out,
 * are some 500 parts. */
const MOST_PARTS = 300;
/** Compressed bytes of a part at most: several are held at a time. */
const MOST_PART_BYTES = 32 * 2 ** 20;
/** Compressed bytes of parts that are uploaded at a time by all tables together, unless one table's own uploads are more. */
const MOST_HELD_BYTES = 64 * 2 ** 20;
/** Uncompressed bytes that a worker deflates at a time. */
const SEGMENT_BYTES = 4 * 2 ** 20;
/** Most bytes of rows decoded at a time. */
const STEP_BYTES = 2 * 2 ** 20;
/** Deflate level of the parts: by far the fastest for some 15 % more bytes; see bench/. */
const DEFLATE_LEVEL = 1;

/**
 * @typedef {object} Part of a bulk import
 * @property {string} name
 * @property {Uint8Array[]} chunks its bytes
 * @property {number} byteLength
 * @property {number} rows
 */

/**
 * The room for the parts that are uploaded at a time.
 * @param {Pick<CloneOptions, 'downloadParallelism'>} options
 */
export function roomForParts({ downloadParallelism }) {
  return new Room(Math.max(MOST_HELD_BYTES, downloadParallelism * PART_BYTES));
}

/**
 * The bytes at which a result's parts are cut, and how many of them may be uploaded at a time: of larger parts fewer, so
 * that memory stays as it is.
 * @param {Pick<SlicedResult, 'expectedBytes'>} result
 * @param {CloneOptions} options
 */
export function partSizes({ expectedBytes }, { downloadParallelism }) {
  const partBytes = Math.min(
    MOST_PART_BYTES,
    Math.max(PART_BYTES, Math.ceil(Number(expectedBytes) / MOST_PARTS)),
  );
  const uploads = Math.max(1, Math.floor((downloadParallelism * PART_BYTES) / partBytes));
  return { partBytes, uploads };
}

/**
 * The result's rows as parts: row arrays re-framed as maps by the pool, several segments at a time, joined in order.
 * @param {CloneContext} context
 * @param {SlicedResult} result
 * @param {CopyTask} copy
 * @param {CloneOptions} options
 * @param {(bytes: number) => void} onBytes told of bytes downloaded
 * @returns {AsyncGenerator<Part>}
 */
export function partsOf({ wasm, pool, profile }, result, { keys }, options, onBytes) {
  const { partBytes } = partSizes(result, options);
  const chunks = counted(
    meteredSource(profile?.stage('download'), result.chunks(), ({ length }) => length),
    onBytes,
  );
  const bounds = {
    stepRows: options.chunkSize,
    stepBytes: STEP_BYTES,
    groupRows: 2 ** 31,
    groupBytes: SEGMENT_BYTES,
  };
  const split = (/** @type {AsyncIterable<Uint8Array>} */ bytes) => rowGroups(wasm, bytes, bounds);
  const segments = pMapIterable(
    metered(profile?.stage('gunzip, split'), chunks, split, byteLength),
    ({ firstRow, steps }) => pool.encodeSegment({ keys, options: { level: DEFLATE_LEVEL, firstRow }, steps }),
    { concurrency: pool.inFlight, backpressure: pool.inFlight },
  );
  const join = (/** @type {AsyncIterable<Segment>} */ source) => joinedParts(wasm, source, partBytes);
  return metered(profile?.stage('join'), segments, join, (part) => part.byteLength);
}

/**
 * @param {Wasm} wasm
 * @param {AsyncIterable<Segment>} segments
 * @param {number} partBytes compressed, at which a part is cut
 * @returns {AsyncGenerator<Part, void>}
 */
async function* joinedParts(wasm, segments, partBytes) {
  /** @type {Segment[]} */
  let gathered = [];
  let gatheredBytes = 0;
  let number = 0;
  const cut = () => {
    number += 1;
    const part = { name: wasm.partName(number), ...joined(wasm, gathered) };
    gathered = [];
    gatheredBytes = 0;
    return part;
  };
  for await (const segment of segments) {
    gathered.push(segment);
    gatheredBytes += segment.deflated.length;
    if (gatheredBytes >= partBytes) yield cut();
  }
  if (gathered.length > 0) yield cut();
}

/**
 * Segments as one part: an ordinary gzip member, in pieces.
 * @param {Wasm} wasm
 * @param {Segment[]} segments
 */
function joined(wasm, segments) {
  const part = new wasm.Part();
  let rows = 0;
  try {
    const head = part.head();
    for (const { crc, byteLength, rowCount } of segments) {
      part.append(crc, byteLength);
      rows += rowCount;
    }
    const chunks = [head, ...segments.map((segment) => segment.deflated), part.finish()];
    return { chunks, byteLength: chunks.reduce((sum, { length }) => sum + length, 0), rows };
  } finally {
    part.free();
  }
}
