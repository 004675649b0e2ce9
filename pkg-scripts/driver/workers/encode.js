import { release } from '../utils/free-buffer.js';

/** @import { Wasm } from '../wasm.js' */

/**
 * A row group's worth of rows, to be made a Parquet file of its own.
 * @typedef {object} RowGroupOrder
 * @property {string} schema the job's `hive_result_schema`
 * @property {Record<string, unknown>} options compression, invalidUtf8, plainColumns
 * @property {number} firstRow number of the first row within the result
 * @property {Uint8Array[]} steps whole rows as MessagePack arrays, a record batch's worth each
 * @property {boolean} [profile] whether to tell the seconds of the parts
 */

/**
 * @typedef {object} EncodedRowGroup
 * @property {Uint8Array} file a Parquet file of one row group
 * @property {number} dataLength bytes of its data, between its head and its tail
 * @property {number} rowCount
 * @property {number[]} overflowed leaf columns whose dictionary overflowed
 * @property {Record<string, number>} [seconds] of the parts, if they were wanted
 */

/**
 * @param {Wasm} wasm
 * @param {RowGroupOrder} order
 * @returns {EncodedRowGroup}
 */
export function encodeRowGroup(wasm, { schema, options, firstRow, steps, profile }) {
  const encoder = new wasm.RowGroupEncoder(schema, options, firstRow);
  const clock = new Clock();
  try {
    for (const step of steps) {
      clock.time('decode', () => encoder.decode(step));
      release(step);
      clock.time('parquet', () => encoder.write());
    }
    const encoded = clock.time('parquet', () => encoder.finish());
    return profile ? { ...encoded, seconds: clock.seconds } : encoded;
  } finally {
    encoder.free();
  }
}

/**
 * Rows to be a segment of a bulk import part.
 * @typedef {object} SegmentOrder
 * @property {string[]} keys the record keys, in the order of a row's values
 * @property {{ level: number, firstRow: number }} options
 * @property {Uint8Array[]} steps whole rows as MessagePack arrays
 * @property {boolean} [profile] whether to tell the seconds of the parts
 */

/**
 * @typedef {object} Segment
 * @property {Uint8Array} deflated
 * @property {number} crc
 * @property {number} byteLength
 * @property {number} rowCount
 * @property {Record<string, number>} [seconds] of the parts, if they were wanted
 */

/**
 * @param {Wasm} wasm
 * @param {SegmentOrder} order
 * @returns {Segment}
 */
export function encodeSegment(wasm, { keys, options, steps, profile }) {
  const writer = new wasm.SegmentWriter(keys, options);
  const clock = new Clock();
  try {
    for (const step of steps) {
      clock.time('re-frame', () => writer.reframe(step));
      release(step);
      clock.time('deflate', () => writer.deflate());
    }
    const segment = clock.time('deflate', () => writer.finish());
    return profile ? { ...segment, seconds: clock.seconds } : segment;
  } finally {
    writer.free();
  }
}

/** Seconds by part. A look at the clock costs nothing beside a step's work. */
class Clock {
  /** @type {Record<string, number>} */
  seconds = {};

  /**
   * @template T
   * @param {string} part
   * @param {() => T} work
   */
  time(part, work) {
    const began = performance.now();
    const result = work();
    this.seconds[part] = (this.seconds[part] ?? 0) + (performance.now() - began) / 1000;
    return result;
  }
}
