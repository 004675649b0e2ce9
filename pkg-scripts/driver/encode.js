import { release } from './release.js';

/** @import { Wasm } from './wasm.js' */

/**
 * A row group's worth of rows, to be made a Parquet file of its own.
 * @typedef {object} RowGroupOrder
 * @property {string} schema the job's `hive_result_schema`
 * @property {Record<string, unknown>} options compression, invalidUtf8, plainColumns
 * @property {number} firstRow number of the first row within the result
 * @property {Uint8Array[]} steps whole rows as MessagePack arrays, a record batch's worth each
 */

/**
 * @typedef {object} EncodedRowGroup
 * @property {Uint8Array} file a Parquet file of one row group
 * @property {number} rowCount
 * @property {number[]} overflowed leaf columns whose dictionary overflowed
 */

/**
 * @param {Wasm} wasm
 * @param {RowGroupOrder} order
 * @returns {EncodedRowGroup}
 */
export function encodeRowGroup(wasm, { schema, options, firstRow, steps }) {
  const encoder = new wasm.RowGroupEncoder(schema, options, firstRow);
  try {
    for (const step of steps) {
      encoder.push(step);
      release(step);
    }
    return encoder.finish();
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
 */

/**
 * @typedef {object} Segment
 * @property {Uint8Array} deflated
 * @property {number} crc
 * @property {number} byteLength
 * @property {number} rowCount
 */

/**
 * @param {Wasm} wasm
 * @param {SegmentOrder} order
 * @returns {Segment}
 */
export function encodeSegment(wasm, { keys, options, steps }) {
  const writer = new wasm.SegmentWriter(keys, options);
  try {
    for (const step of steps) {
      writer.push(step);
      release(step);
    }
    return writer.finish();
  } finally {
    writer.free();
  }
}
