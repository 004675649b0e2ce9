import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Clones } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { assertCheckedBeforeRepeat } from './poll-assertions.js';

// How petit waits. The tests only check minimum times, so they do not depend on the speed of the machine.

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

let count = 0;
/** @returns {string} an unused database name */
const fresh = () => `timed_${++count}`;

/** @param {string} path @returns {import('../emulator/request-log.js').LogEntry[]} */
const requests = (path) => env.emulator.requests().filter((entry) => new RegExp(path).test(entry.path));

/**
 * Clones the shop and collects the messages about waits.
 * @param {Partial<import('../../pkg-scripts/types.js').CloneRequest>} [request]
 */
async function cloned(request) {
  const newDatabase = fresh();
  /** @type {string[]} */
  const messages = [];
  const summary = await clones.inProcess({
    ...{ database: 'shop', newDatabase, ...request },
    onEvent: (event) => {
      if (event.type === 'waiting') messages.push(event.message);
      if (event.type === 'progress' && event.waiting) messages.push(event.waiting);
    },
  });
  assertCheckedBeforeRepeat(env.emulator.requests());
  return { ...summary, messages, copy: newDatabase };
}

/** @param {string[]} messages @returns {number[]} seconds of the waits */
const waits = (messages) =>
  messages.map((message) => Number(/next attempt in (\d+\.\d) s$/.exec(message)?.[1]));

describe('waits between attempts', () => {
  it('are random with a doubling maximum, and are reported before the first table too', async () => {
    env.fail({ path: 'table/list/shop', times: 4, action: { type: 'status', status: 503 } });
    const { messages, errors } = await cloned();
    assert.deepEqual(errors, []);
    assert.ok(
      messages.every((message) => /^list the tables of "shop": .*HTTP 503/.test(message)),
      messages.join('\n'),
    );
    const seconds = waits(messages);
    assert.equal(seconds.length, 4);
    for (const [index, wait] of seconds.entries()) assert.ok(wait <= 0.5 * 2 ** index, `${seconds}`);
    const attempts = requests('table/list/shop');
    for (const [index, wait] of seconds.entries()) {
      const gap = Number(attempts[index + 1]?.startMs) - Number(attempts[index]?.startMs);
      assert.ok(gap >= wait * 1000 - 60, `${gap} ms after a wait of ${wait} s`);
    }
  });

  for (const as of /** @type {const} */ (['seconds', 'date'])) {
    it(`honour Retry-After as ${as}`, async () => {
      /** @type {import('../emulator/faults.js').Action} */
      const action = { type: 'status', status: 429, retryAfter: { seconds: 1, as } };
      env.fail({ path: 'table/list/shop', action }, { path: 'table/rename', action });
      const { errors } = await cloned();
      assert.deepEqual(errors, []);
      for (const path of ['table/list/shop', 'table/rename/.*_visits']) {
        const [first, second] = requests(path);
        if (first?.fault) assert.ok(Number(second?.startMs) - Number(first.startMs) >= 990);
      }
    });
  }

  it('end after the retry timeout, and the error reports it', async () => {
    env.fail({ path: 'upload_part/.*_orders', times: -1, action: { type: 'status', status: 500 } });
    const { errors } = await cloned({ retryTimeoutMs: 900 });
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? '', /HTTP 500\) \(gave up after \d+ attempts in \d\.\d s\)$/);
  });
});

describe('a silent connection', () => {
  it('before a result ends the attempt, and the result is requested again', async () => {
    const stall = /** @type {const} */ ({ type: 'stall', ms: 60_000 });
    env.fail({ path: '/job/result/', account: 'prod', action: stall });
    const { errors, messages, copy } = await cloned({ idleTimeoutMs: 300 });
    assert.deepEqual(errors, []);
    assert.ok(
      messages.some((message) => /^no response for 0\.3 s; next attempt/.test(message)),
      messages.join('\n'),
    );
    const [stalled] = requests('/job/result/').filter(({ fault }) => fault === 'stall');
    assert.equal(requests('/job/result/').filter(({ path }) => path === stalled?.path).length, 2);
    await clones.assertEqual('shop', copy);
  });

  it('within a result ends the attempt, even after garbage collections', async () => {
    env.fail({
      path: '/job/result/',
      account: 'prod',
      action: { type: 'stall', ms: 60_000, afterBytes: 1 },
    });
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc');
    let collections = 0;
    // A garbage collection must not collect the idle timeout of a silent connection.
    const collecting = setInterval(() => {
      const isSilent = requests('/job/result/').some(({ fault }) => fault === 'stall');
      if (!isSilent || collections >= 3) return;
      collections += 1;
      collectGarbage();
    }, 50);
    try {
      const { errors, messages } = await cloned({ idleTimeoutMs: 1000 });
      assert.deepEqual(errors, []);
      assert.ok(
        messages.some((message) => message.startsWith('no response for 1 s')),
        messages.join('\n'),
      );
      assert.equal(collections, 3);
    } finally {
      clearInterval(collecting);
    }
  });

  for (const call of ['table/rename', 'bulk_import/perform', 'bulk_import/commit']) {
    it(`after ${call} does not repeat the call: petit reads its outcome, even if it takes effect later`, async () => {
      env.fail({ path: `/v3/${call}`, action: { type: 'delay', ms: 900 } });
      const { errors, copy } = await cloned({ idleTimeoutMs: 300 });
      assert.deepEqual(errors, []);
      await clones.assertEqual('shop', copy);
      await clones.assertNoLeftovers(copy);
    });
  }

  it('during a large upload has a timeout that grows with its bytes', async () => {
    env.fail({ path: 'upload_part/.*_visits', action: { type: 'delay', ms: 600 } });
    const { errors } = await cloned({ idleTimeoutMs: 500 });
    assert.deepEqual(errors, []);
    assert.ok(requests('upload_part/.*_visits').length <= 2);
  });
});

describe('a queued job', () => {
  it('can take longer than --retry-timeout', async () => {
    env.fail({ path: 'FROM "shop"."orders"', action: { type: 'job_queued', ms: 1500 } });
    const { errors, copy } = await cloned({ retryTimeoutMs: 100 });
    assert.deepEqual(errors, []);
    await clones.assertEqual('shop', copy);
  });
});
