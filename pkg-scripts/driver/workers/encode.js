import { detachBuffer } from '../utils/free-buffer.js';
import { wasm } from '../wasm.js';
import { openMask } from './mask.js';

/** @import * as core from '../../core.js' */
/** @import { Mask } from './mask.js' */

/**
 * Rows of a row group, to encode as a Parquet file of its own.
 * @typedef {object} EncodeRowGroupRequest
 * @property {string} schema the job's `hive_result_schema`, after masking
 * @property {core.EncodeOptions} options
 * @property {number} firstRow index of the first row in the result
 * @property {Uint8Array[]} batches whole rows as MessagePack arrays; one record batch each
 * @property {Mask} [mask] of the rows
 * @property {boolean} [profile] whether to return the seconds of the parts
 */

/** The seconds of the parts of an encoding, if requested.
 * @typedef {{ seconds?: Record<string, number> }} Profiled */

/** @typedef {core.EncodedRowGroup & Profiled} EncodedRowGroup */

/**
 * Encodes a row group. Detaches the request's buffers.
 * @param {EncodeRowGroupRequest} request
 * @returns {EncodedRowGroup}
 */
export function encodeRowGroup({ schema, options, firstRow, batches, mask, profile }) {
  const masker = openMask(mask, firstRow);
  const encoder = new wasm.RowGroupEncoder(schema, options, firstRow);
  const times = new PartTimes();
  try {
    for (const batch of batches) {
      times.measure('decode', () => encoder.decode(masker.apply(batch)));
      detachBuffer(batch);
      times.measure('parquet', () => encoder.write());
    }
    const encoded = times.measure('parquet', () => encoder.finish());
    return profile ? { ...encoded, seconds: times.seconds } : encoded;
  } finally {
    encoder.free();
    masker.free();
  }
}

/**
 * Rows of a segment of a bulk import part.
 * @typedef {object} EncodeSegmentRequest
 * @property {string[]} keys of the records, in the order of a row's values
 * @property {core.SegmentOptions} options
 * @property {Uint8Array[]} batches whole rows as MessagePack arrays
 * @property {Mask} [mask] of the rows
 * @property {boolean} [profile] whether to return the seconds of the parts
 */

/** @typedef {core.Segment & Profiled} Segment */

/**
 * Encodes a segment. Detaches the request's buffers.
 * @param {EncodeSegmentRequest} request
 * @returns {Segment}
 */
export function encodeSegment({ keys, options, batches, mask, profile }) {
  const masker = openMask(mask, options.firstRow ?? 0);
  const writer = new wasm.SegmentWriter(keys, options);
  const times = new PartTimes();
  try {
    for (const batch of batches) {
      times.measure('re-frame', () => writer.reframe(masker.apply(batch)));
      detachBuffer(batch);
      times.measure('deflate', () => writer.deflate());
    }
    const segment = times.measure('deflate', () => writer.finish());
    return profile ? { ...segment, seconds: times.seconds } : segment;
  } finally {
    writer.free();
    masker.free();
  }
}

/** Seconds by part. Always measured: next to the work on a batch, reading the clock costs nothing. */
class PartTimes {
  /** @type {Record<string, number>} */
  seconds = {};

  /**
   * @template T
   * @param {string} part
   * @param {() => T} work
   */
  measure(part, work) {
    const began = performance.now();
    const result = work();
    this.seconds[part] = (this.seconds[part] ?? 0) + (performance.now() - began) / 1000;
    return result;
  }
}
