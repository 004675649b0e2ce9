import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { ByteSemaphore } from '../../pkg-scripts/driver/utils/byte-semaphore.js';

describe('a byte semaphore', () => {
  it('makes a table wait until another has released enough', async () => {
    const semaphore = new ByteSemaphore(10);
    const [first, second] = [semaphore.open(), semaphore.open()];
    assert.ok(await first.acquire(8));
    let isAcquired = false;
    const acquiring = second.acquire(4).then((acquired) => {
      isAcquired = acquired;
    });
    await yieldToEventLoop();
    assert.equal(isAcquired, false);
    first.release(8);
    await acquiring;
    assert.ok(isAcquired);
  });

  it('gets back what a closed table holds, and ends its waits', async () => {
    const semaphore = new ByteSemaphore(10);
    const [first, second] = [semaphore.open(), semaphore.open()];
    assert.ok(await first.acquire(6));
    const waiting = first.acquire(6);
    first.close();
    assert.equal(await waiting, false);
    first.release(6);
    assert.ok(await second.acquire(10));
  });
});
