import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PartWriter } from '../../pkg-scripts/sinks/store/upload.js';

const MIB = 2 ** 20;
/** What docs/buckets.md promises. */
const MAX_BYTES_IN_FLIGHT = 64 * MIB;
const WRITERS = 3;
const BYTES = 48 * MIB;

describe('uploads in parts', () => {
  it('send at most 64 MiB at a time, all together', async () => {
    let [inFlight, peak, sent] = [0, 0, 0];
    /** @type {(() => void)[]} */
    const waiting = [];
    const upload = {
      async putPart(/** @type {number} */ number, /** @type {Uint8Array} */ { length }) {
        inFlight += length;
        peak = Math.max(peak, inFlight);
        await new Promise((resolve) => waiting.push(() => resolve(undefined)));
        inFlight -= length;
        sent += length;
        return { number, etag: '', sha256: undefined };
      },
    };
    let running = WRITERS;
    const write = async () => {
      const writer = new PartWriter(/** @type {any} */ (upload));
      for (let written = 0; written < BYTES; written += MIB) await writer.write(new Uint8Array(MIB));
      await writer.finish();
      running -= 1;
    };
    const writers = Promise.all(Array.from({ length: WRITERS }, write));
    // The store answers only when the writers can go no further.
    for (let before = -1; running > 0; before = inFlight) {
      for (let turn = 0; turn < 100; turn += 1) await nextTurn();
      if (inFlight === before) waiting.shift()?.();
    }
    await writers;
    assert.equal(sent, WRITERS * BYTES);
    assert.equal(peak, MAX_BYTES_IN_FLIGHT);
  });
});
