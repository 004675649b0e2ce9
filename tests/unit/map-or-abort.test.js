import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { interrupted } from '../../pkg-scripts/driver/errors.js';
import { mapOrAbort } from '../../pkg-scripts/driver/utils/map-or-abort.js';
import { sleep } from '../../pkg-scripts/driver/utils/sleep.js';

const never = new AbortController().signal;

describe('mapOrAbort', () => {
  it('returns the results in order, with a limit on how many run', async () => {
    let [running, max] = [0, 0];
    const results = await mapOrAbort([3, 2, 1], { concurrency: 2, signal: never }, async (ms, index) => {
      running += 1;
      max = Math.max(max, running);
      await sleep(ms);
      running -= 1;
      return index;
    });
    assert.deepEqual([results, max], [[0, 1, 2], 2]);
  });

  it('aborts the running items, skips the waiting ones, and throws the first failure', async () => {
    /** @type {string[]} */
    const ended = [];
    const work = async (
      /** @type {string} */ item,
      /** @type {number} */ _,
      /** @type {AbortSignal} */ signal,
    ) => {
      if (item === 'fails') throw new Error('disk full');
      await sleep(60_000, signal).catch(() => ended.push(`${item} aborted`));
      signal.throwIfAborted();
    };
    const running = mapOrAbort(['runs', 'fails', 'waits'], { concurrency: 2, signal: never }, work);
    await assert.rejects(running, /disk full/);
    assert.deepEqual(ended, ['runs aborted']);
  });

  it('throws the reason of the outer abort', async () => {
    const controller = new AbortController();
    const options = { concurrency: 1, signal: controller.signal };
    const running = mapOrAbort([1], options, (_, __, signal) => sleep(60_000, signal));
    controller.abort(interrupted());
    await assert.rejects(running, { name: 'AbortError', message: 'interrupted' });
  });
});
