import { pMapIterable } from 'p-map';
import { byteLength, rowGroups } from '../result/split-rows.js';
import { metered } from '../run/profile.js';
import { MOST_IN_FLIGHT } from '../workers/pool.js';

/** @import { EncodedRowGroup } from '../workers/encode.js' */
/** @import { Pool } from '../workers/pool.js' */
/** @import { Profile } from '../run/profile.js' */
/** @import { RowGroup } from '../result/split-rows.js' */
/** @import { Wasm } from '../wasm.js' */

/**
 * How a table becomes Parquet.
 * @typedef {object} ParquetOptions
 * @property {string} compression `snappy`, `zstd`, `gzip`, `lz4` or `none`
 * @property {string} invalidUtf8 `error`, `replace` or `binary`
 * @property {{ stepRows: number, stepBytes: number, groupRows: number, groupBytes?: number }} bounds `groupBytes` by
 *   default what suits the number of columns
 * @property {[string, string][]} metadata key/value metadata of the file
 */

/** Row groups that try a dictionary for every column. Were it one, all workers but its own would have to wait for it. */
const TRIALS = 2;

/**
 * Job result in, Parquet out: cuts the rows into row groups, has the pool encode several at a time and stitches them in
 * order. Yields the file's bytes; returns the number of rows in it.
 *
 * A column whose dictionary overflowed in the first row group, or in one `MOST_IN_FLIGHT` groups ago, goes without from
 * there on, but for the first `TRIALS` groups: what counts is known before a group is sent off, so that the same input
 * gives the same file, with any number of workers.
 *
 * @param {Wasm} wasm
 * @param {Pool} pool
 * @param {string} schema the job's `hive_result_schema`
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {ParquetOptions} options
 * @param {(rows: number) => void} [onRows] told of rows encoded
 * @param {Profile} [profile]
 * @returns {AsyncGenerator<Uint8Array, number>}
 */
export function encodeParquet(wasm, pool, schema, chunks, options, onRows, profile) {
  const { groupBytes = wasm.defaultRowGroupBytes(schema) } = options.bounds;
  const bounds = { ...options.bounds, groupBytes };
  const split = (/** @type {AsyncIterable<Uint8Array>} */ source) => rowGroups(wasm, source, bounds);
  const groups = metered(profile?.stage('gunzip, split'), chunks, split, byteLength);
  const encoded = encodeAll(pool, schema, groups, options);
  const stitch = (/** @type {AsyncIterable<EncodedRowGroup>} */ source) =>
    stitched(wasm, schema, source, options, onRows);
  return metered(profile?.stage('stitch'), encoded, stitch, (bytes) => bytes.length);
}

/**
 * The row groups as Parquet files, in order, several at a time.
 * @param {Pool} pool
 * @param {string} schema
 * @param {AsyncIterable<RowGroup>} groups
 * @param {ParquetOptions} options
 * @returns {AsyncIterable<EncodedRowGroup>}
 */
function encodeAll(pool, schema, groups, { compression, invalidUtf8 }) {
  /** @type {Promise<EncodedRowGroup> | undefined} */
  let first;
  /** @type {number[][]} */
  const overflowed = [];

  /**
   * @param {RowGroup} group
   * @param {number} index
   */
  async function encode({ firstRow, steps }, index) {
    const isTrial = index < TRIALS;
    if (!isTrial) await first;
    const known = isTrial ? 0 : Math.max(1, index - MOST_IN_FLIGHT + 1);
    const plainColumns = [...new Set(overflowed.slice(0, known).flat())];
    const order = { schema, options: { compression, invalidUtf8, plainColumns }, firstRow, steps };
    const encoded = pool.encodeRowGroup(order).then((rowGroup) => {
      overflowed[index] = rowGroup.overflowed;
      return rowGroup;
    });
    first ??= encoded;
    return encoded;
  }

  return pMapIterable(groups, encode, { concurrency: pool.inFlight, backpressure: pool.inFlight });
}

/**
 * One file of all row groups. Their data pass as they are; only their tails go through the stitcher.
 * @param {Wasm} wasm
 * @param {string} schema
 * @param {AsyncIterable<EncodedRowGroup>} encoded
 * @param {ParquetOptions} options
 * @param {(rows: number) => void} [onRows]
 * @returns {AsyncGenerator<Uint8Array, number>}
 */
async function* stitched(wasm, schema, encoded, { compression, invalidUtf8, metadata }, onRows) {
  const stitcher = new wasm.Stitcher(schema, { compression, invalidUtf8, plainColumns: [] }, metadata);
  let rows = 0;
  try {
    const head = stitcher.head();
    // Whoever writes it takes its memory away.
    const { length } = head;
    yield head;
    for await (const { file, dataLength, rowCount } of encoded) {
      const end = length + dataLength;
      stitcher.append(file.subarray(end), dataLength);
      yield file.subarray(length, end);
      rows += rowCount;
      onRows?.(rowCount);
    }
    yield stitcher.finish();
    return rows;
  } finally {
    stitcher.free();
  }
}
