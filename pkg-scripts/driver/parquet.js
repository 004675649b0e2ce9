import { pMapIterable } from 'p-map';
import { MOST_IN_FLIGHT } from './pool.js';
import { release } from './release.js';
import { rowGroups } from './row-groups.js';

/** @import { Pool } from './pool.js' */
/** @import { Wasm } from './wasm.js' */

/**
 * How a table becomes Parquet.
 * @typedef {object} ParquetOptions
 * @property {string} compression `snappy`, `zstd`, `gzip`, `lz4` or `none`
 * @property {string} invalidUtf8 `error`, `replace` or `binary`
 * @property {{ stepRows: number, stepBytes: number, groupRows: number, groupBytes: number }} bounds
 * @property {[string, string][]} metadata key/value metadata of the file
 */

/**
 * Job result in, Parquet out: cuts the rows into row groups, has the pool encode several at a time and stitches them in
 * order. Yields the file's bytes; returns the number of rows in it.
 *
 * A column whose dictionary overflowed in the first row group, or in one `MOST_IN_FLIGHT` groups ago, goes without from
 * there on: both are known before the group is sent off, so that the same input gives the same file, with any number of
 * workers.
 *
 * @param {Wasm} wasm
 * @param {Pool} pool
 * @param {string} schema the job's `hive_result_schema`
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {ParquetOptions} options
 * @param {(rows: number) => void} [onRows] told of rows encoded
 * @returns {AsyncGenerator<Uint8Array, number>}
 */
export async function* encodeParquet(wasm, pool, schema, chunks, options, onRows) {
  const { compression, invalidUtf8, bounds, metadata } = options;
  const stitcher = new wasm.Stitcher(schema, { compression, invalidUtf8, plainColumns: [] }, metadata);
  /** @type {Promise<import('./encode.js').EncodedRowGroup> | undefined} */
  let first;
  /** @type {number[][]} */
  const overflowed = [];
  let rows = 0;

  /**
   * @param {import('./row-groups.js').RowGroup} group
   * @param {number} index
   */
  async function encode({ firstRow, steps }, index) {
    if (index > 0) await first;
    const known = Math.max(1, index - MOST_IN_FLIGHT + 1);
    const plainColumns = [...new Set(overflowed.slice(0, known).flat())];
    const order = { schema, options: { compression, invalidUtf8, plainColumns }, firstRow, steps };
    const encoded = pool.encodeRowGroup(order).then((rowGroup) => {
      overflowed[index] = rowGroup.overflowed;
      return rowGroup;
    });
    first ??= encoded;
    return encoded;
  }

  try {
    const encoded = pMapIterable(rowGroups(wasm, chunks, bounds), encode, {
      concurrency: pool.inFlight,
      backpressure: pool.inFlight,
    });
    for await (const { file, rowCount } of encoded) {
      const bytes = stitcher.append(file);
      release(file);
      yield bytes;
      rows += rowCount;
      onRows?.(rowCount);
    }
    yield stitcher.finish();
    return rows;
  } finally {
    stitcher.free();
  }
}
