import { turn } from '../utils/yield-to-event-loop.js';

/** @import { Wasm } from '../wasm.js' */

/**
 * @typedef {object} RowGroup
 * @property {number} firstRow
 * @property {number} rowCount
 * @property {Uint8Array[]} steps whole rows, a record batch's worth each
 */

/**
 * Cuts a gzipped job result into row groups of whole rows.
 * @param {Wasm} wasm
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {{ stepRows: number, stepBytes: number, groupRows: number, groupBytes: number }} bounds
 * @param {(rows: number) => void} [onRows] told of rows read
 * @returns {AsyncGenerator<RowGroup>}
 */
export async function* rowGroups(wasm, chunks, bounds, onRows) {
  const splitter = new wasm.Splitter(bounds);
  /** @type {RowGroup | undefined} */
  let group;
  async function* ready() {
    for (let step = splitter.next(); step !== undefined; step = splitter.next()) {
      group ??= { firstRow: step.firstRow, rowCount: 0, steps: [] };
      group.steps.push(step.rows);
      group.rowCount += step.rowCount;
      onRows?.(step.rowCount);
      await turn();
      if (!step.endsGroup) continue;
      yield group;
      group = undefined;
    }
  }
  try {
    for await (const chunk of chunks) {
      splitter.push(chunk);
      yield* ready();
    }
    splitter.finish();
    yield* ready();
  } finally {
    splitter.free();
  }
}

/**
 * Bytes of a group's rows.
 * @param {RowGroup} group
 */
export const byteLength = ({ steps }) => steps.reduce((sum, step) => sum + step.length, 0);
