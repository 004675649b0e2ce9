import { wasm } from '../wasm.js';
import { encodeInOrder, MAX_IN_FLIGHT } from '../workers/pool.js';

/** @import { Compression, Encodings, InvalidUtf8, SplitOptions } from '../../core.js' */
/** @import { RowGroup } from '../result/split-rows.js' */
/** @import { Mask } from '../workers/mask.js' */
/** @import { EncodedRowGroup } from '../workers/encode.js' */
/** @import { Pool } from '../workers/pool.js' */

/**
 * How rows become Parquet.
 * @typedef {object} ParquetOptions
 * @property {Compression} compression
 * @property {InvalidUtf8} invalidUtf8
 * @property {boolean} showValues whether errors show values
 * @property {Encodings} encodings
 * @property {string[]} timestampColumns names of columns whose Unix seconds become timestamps
 * @property {Omit<SplitOptions, 'groupBytes'> & { groupBytes?: number }} bounds the default of `groupBytes` depends on the
 *   number of columns
 */

/** Row groups that try a dictionary for every column. With one, all other workers would wait for it. */
const TRIALS = 2;

/**
 * The bounds of batches and row groups.
 * @param {string} schema the job's `hive_result_schema`
 * @param {ParquetOptions} options
 * @returns {SplitOptions}
 */
export function rowBounds(schema, { bounds }) {
  return { ...bounds, groupBytes: bounds.groupBytes ?? wasm.defaultRowGroupBytes(schema) };
}

/**
 * Encodes each row group as a Parquet file of its own, in order, several at a time.
 *
 * A column whose dictionary overflowed in the first row group, or in a group at least `MAX_IN_FLIGHT` before, gets no
 * dictionary, except in the first `TRIALS` groups. A column of integers that deltas would shorten there gets deltas. These
 * groups are complete before the request is sent, with any number of workers, so that the same input gives the same file.
 *
 * @param {AsyncIterable<RowGroup>} groups
 * @param {Pool} pool
 * @param {{ schema: string, mask?: Mask | undefined }} rows their schema after masking
 * @param {ParquetOptions} parquet
 * @returns {AsyncIterable<EncodedRowGroup>}
 */
export function encodeRowGroups(groups, pool, { schema, mask }, parquet) {
  const { compression, invalidUtf8, encodings, timestampColumns, showValues } = parquet;
  /** @type {Promise<EncodedRowGroup> | undefined} */
  let first;
  /** @type {Pick<EncodedRowGroup, 'overflowed' | 'deltaPays'>[]} by row group */
  const found = [];

  /**
   * @param {RowGroup} group
   * @param {number} index
   */
  async function encode({ firstRow, batches }, index) {
    const isTrial = index < TRIALS;
    if (!isTrial) await first;
    const known = isTrial ? 0 : Math.max(1, index - MAX_IN_FLIGHT + 1);
    const earlier = found.slice(0, known);
    const plainColumns = [...new Set(earlier.flatMap(({ overflowed }) => overflowed))];
    const deltaColumns = [...new Set(earlier.flatMap(({ deltaPays }) => deltaPays))];
    const settings = { compression, invalidUtf8, encodings, timestampColumns, showValues };
    const options = { ...settings, plainColumns, deltaColumns };
    const encoded = pool.encodeRowGroup({ schema, options, firstRow, batches, mask }).then((rowGroup) => {
      const { overflowed, deltaPays } = rowGroup;
      found[index] = { overflowed, deltaPays };
      return rowGroup;
    });
    first ??= encoded;
    return encoded;
  }

  return encodeInOrder(pool, groups, encode);
}

/**
 * Stitches row groups to one file. Their data passes unchanged; only their footers go through the stitcher. Yields the
 * file's bytes, and returns its rows.
 *
 * @param {AsyncIterable<EncodedRowGroup>} encoded
 * @param {ParquetOptions} options
 * @param {object} file
 * @param {string} file.schema the job's `hive_result_schema`
 * @param {[string, string][]} file.metadata key/value metadata
 * @param {(rows: number) => void} file.onRows called with the rows of each row group
 * @returns {AsyncGenerator<Uint8Array, number>}
 */
export async function* stitchFile(encoded, options, { schema, metadata, onRows }) {
  const { compression, invalidUtf8, timestampColumns } = options;
  const stitcher = new wasm.Stitcher(schema, { compression, invalidUtf8, timestampColumns }, metadata);
  let rows = 0;
  try {
    const magic = stitcher.head();
    // Read first: the sink detaches what it writes.
    const { length } = magic;
    yield magic;
    for await (const { file, dataLength, rowCount } of encoded) {
      const end = length + dataLength;
      stitcher.append(file.subarray(end), dataLength);
      yield file.subarray(length, end);
      rows += rowCount;
      onRows(rowCount);
    }
    yield stitcher.finish();
    return rows;
  } finally {
    stitcher.free();
  }
}
