import { wasm } from '../wasm.js';

/** @import { SplitOptions } from '../../core.js' */
/** @import { Segment } from '../workers/encode.js' */

/** Compressed bytes of a part: the size that TD's own importers use. */
const PART_BYTES = 16 * 2 ** 20;
/** The number of parts beyond which a session gets larger parts instead. The largest result that TD returns, 16 GB, has
 * some 500 parts. */
const MAX_PARTS = 300;
/** Maximum compressed bytes of a part: several are in memory at a time. */
const MAX_PART_BYTES = 32 * 2 ** 20;
/** Compressed bytes of the parts that all tables together upload at a time, unless a single table may upload more. */
const UPLOAD_BYTES = 64 * 2 ** 20;

/** Deflate level of the parts: by far the fastest, for some 15 % more bytes; see bench/. */
export const DEFLATE_LEVEL = 1;

/** A worker deflates one segment at a time.
 * @type {Omit<SplitOptions, 'batchRows'>} */
export const SEGMENT_BOUNDS = {
  batchBytes: 2 * 2 ** 20,
  groupRows: 2 ** 31,
  groupBytes: 4 * 2 ** 20,
};

/**
 * @typedef {object} Part of a bulk import session
 * @property {string} name
 * @property {Uint8Array[]} chunks its bytes: one gzip member
 * @property {number} byteLength
 * @property {number} rows
 */

/**
 * Bytes of parts that all tables together may upload at a time.
 * @param {number} uploads at a time, for each table
 */
export const uploadBudget = (uploads) => Math.max(UPLOAD_BYTES, uploads * PART_BYTES);

/**
 * The size of a session's parts, and how many of them are uploaded at a time: fewer large ones, so that memory stays the
 * same.
 * @param {bigint} expectedBytes of the job result
 * @param {number} maxUploads
 */
export function partSizes(expectedBytes, maxUploads) {
  const wanted = Math.ceil(Number(expectedBytes) / MAX_PARTS);
  const partBytes = Math.min(MAX_PART_BYTES, Math.max(PART_BYTES, wanted));
  const uploads = Math.max(1, Math.floor((maxUploads * PART_BYTES) / partBytes));
  return { partBytes, uploads };
}

/**
 * Joins segments to parts.
 * @param {AsyncIterable<Segment>} segments
 * @param {number} partBytes compressed bytes at which a part ends
 * @returns {AsyncGenerator<Part, void>}
 */
export async function* joinParts(segments, partBytes) {
  /** @type {Segment[]} */
  let gathered = [];
  let gatheredBytes = 0;
  let number = 0;
  const endPart = () => {
    number += 1;
    const part = joinSegments(wasm.partName(number), gathered);
    gathered = [];
    gatheredBytes = 0;
    return part;
  };
  for await (const segment of segments) {
    gathered.push(segment);
    gatheredBytes += segment.deflated.length;
    if (gatheredBytes >= partBytes) yield endPart();
  }
  if (gathered.length > 0) yield endPart();
}

/**
 * @param {string} name
 * @param {Segment[]} segments
 * @returns {Part}
 */
function joinSegments(name, segments) {
  const member = new wasm.Part();
  let rows = 0;
  try {
    const header = member.head();
    for (const { crc, byteLength, rowCount } of segments) {
      member.append(crc, byteLength);
      rows += rowCount;
    }
    const chunks = [header, ...segments.map((segment) => segment.deflated), member.finish()];
    return { name, chunks, byteLength: chunks.reduce((sum, { length }) => sum + length, 0), rows };
  } finally {
    member.free();
  }
}
