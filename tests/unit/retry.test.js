import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { interrupted, PetitError } from '../../pkg-scripts/driver/errors.js';
import { RetryBudget } from '../../pkg-scripts/driver/utils/retry-budget.js';
import { sleep } from '../../pkg-scripts/driver/utils/sleep.js';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';

before(async () => {
  await instantiate(await platform.loadWasm());
  // Delays are 5 ms, doubled with each attempt.
  mock.method(Math, 'random', () => 0.01);
});
after(() => mock.restoreAll());

const transient = () => new PetitError('network', 'cut', { retryable: true });

describe('a retry budget', () => {
  it('counts the attempts, and starts again after progress', async () => {
    /** @type {number[]} */
    const delays = [];
    const budget = new RetryBudget({ onRetry: (_, ms) => void delays.push(ms) }, () => 60_000);
    await budget.retryOrThrow(transient());
    await budget.retryOrThrow(transient());
    budget.reset();
    await budget.retryOrThrow(transient());
    assert.deepEqual(delays, [5, 10, 5]);
  });

  it('throws a final error, the last error, or the reason of an abort', async () => {
    const final = new PetitError('forbidden', 'no');
    await assert.rejects(new RetryBudget({}, () => 60_000).retryOrThrow(final), final);
    const last = transient();
    await assert.rejects(new RetryBudget({}, () => 1).retryOrThrow(last), last);
    const signal = AbortSignal.abort(interrupted());
    await assert.rejects(new RetryBudget({ signal }, () => 60_000).retryOrThrow(transient()), {
      name: 'AbortError',
    });
  });

  it('is exhausted with the number of attempts and their time', async () => {
    const budget = new RetryBudget({}, () => 8);
    await budget.retryOrThrow(transient());
    await assert.rejects(budget.retryOrThrow(transient()), {
      message: /^cut \(gave up after 2 attempts in 0\.0 s\)$/,
    });
  });
});

describe('sleep', () => {
  it('ends as soon as its signal aborts', async () => {
    const controller = new AbortController();
    const sleeping = sleep(600_000, controller.signal);
    controller.abort(interrupted());
    await assert.rejects(sleeping, { name: 'AbortError', message: 'interrupted' });
    await assert.rejects(sleep(0, controller.signal), { name: 'AbortError' });
  });
});
