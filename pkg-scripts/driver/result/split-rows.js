import { PetitError } from '../errors.js';
import { formatRows } from '../utils/format-rows.js';
import { yieldToEventLoop } from '../utils/yield-to-event-loop.js';
import { wasm } from '../wasm.js';

/** @import { RowBatch, SplitOptions } from '../../core.js' */

/**
 * Rows of a row group or of a segment.
 * @typedef {object} RowGroup
 * @property {number} firstRow index of the first row in the result
 * @property {number} rowCount
 * @property {number} byteLength
 * @property {Uint8Array[]} batches whole rows as MessagePack arrays, decoded one batch at a time
 */

/**
 * Inflates a job result and splits it into groups of whole rows.
 * @param {AsyncIterable<Uint8Array>} chunks gzip
 * @param {SplitOptions} bounds
 * @param {() => bigint | undefined} [promisedRows] rows of the result so far, as far as its jobs know: no more are read
 * @returns {AsyncGenerator<RowGroup, void>}
 */
export async function* splitRows(
  chunks,
  { batchRows, batchBytes, groupRows, groupBytes },
  promisedRows = () => undefined,
) {
  const splitter = new wasm.Splitter({ batchRows: batchRows, batchBytes: batchBytes, groupRows, groupBytes });
  /** @type {RowGroup | undefined} */
  let group;
  async function* completeGroups() {
    for (let batch = nextBatch(splitter); batch !== undefined; batch = nextBatch(splitter)) {
      checkPromised(batch.firstRow + batch.rowCount, promisedRows());
      group ??= { firstRow: batch.firstRow, rowCount: 0, byteLength: 0, batches: [] };
      group.batches.push(batch.rows);
      group.rowCount += batch.rowCount;
      group.byteLength += batch.rows.length;
      await yieldToEventLoop();
      if (!batch.endsGroup) continue;
      yield group;
      group = undefined;
    }
  }
  try {
    for await (const chunk of chunks) {
      splitter.push(chunk);
      yield* completeGroups();
    }
    splitter.finish();
    yield* completeGroups();
  } finally {
    splitter.free();
  }
}

/**
 * @param {number} rows that were received
 * @param {bigint | undefined} promised
 */
function checkPromised(rows, promised) {
  if (promised === undefined || BigInt(rows) <= promised) return;
  const message = `the job has ${formatRows(promised)}, but more were received; petit stopped reading`;
  throw new PetitError('row_count_mismatch', message);
}

/**
 * @param {InstanceType<typeof wasm.Splitter>} splitter
 * @returns {RowBatch | undefined} undefined: it needs more bytes
 */
const nextBatch = (splitter) => splitter.next();
