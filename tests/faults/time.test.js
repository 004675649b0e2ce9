import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Clones } from '../support/clone.js';
import { readSeed, surroundings } from '../support/index.js';
import { assertLooks } from './poll-assertions.js';

// How petit waits. Nothing here depends on how fast the machine is: a wait is never shorter than it should be.

const here = surroundings(readSeed('clone-shop'), 'prod');
const clones = new Clones(here, 'prod', 'mirror');

let count = 0;
/** @returns {string} a database name that no test used yet */
const fresh = () => `timed_${++count}`;

/** @param {string} path @returns {import('../emulator/request-log.js').LogEntry[]} */
const requests = (path) => here.emulator.requests().filter((entry) => new RegExp(path).test(entry.path));

/**
 * Clones the shop and gathers what is told of waiting.
 * @param {Partial<import('../../pkg-scripts/types.js').CloneRequest>} [request]
 */
async function cloned(request) {
  const newDatabase = fresh();
  /** @type {string[]} */
  const told = [];
  const summary = await clones.inProcess({
    ...{ database: 'shop', newDatabase, ...request },
    onEvent: (event) => {
      if (event.type === 'waiting') told.push(event.message);
      if (event.type === 'progress' && event.waiting) told.push(event.waiting);
    },
  });
  assertLooks(here.emulator.requests());
  return { ...summary, told, copy: newDatabase };
}

/** @param {string[]} told @returns {number[]} seconds of the waits */
const waits = (told) => told.map((words) => Number(/next attempt in (\d+\.\d) s$/.exec(words)?.[1]));

describe('waits between tries', () => {
  it('are random, twice as long at most from try to try, and told before the first table too', async () => {
    here.fail({ path: 'table/list/shop', times: 4, action: { type: 'status', status: 503 } });
    const { told, errors } = await cloned();
    assert.deepEqual(errors, []);
    assert.ok(
      told.every((words) => /^list the tables of "shop": .*HTTP 503/.test(words)),
      told.join('\n'),
    );
    const seconds = waits(told);
    assert.equal(seconds.length, 4);
    for (const [place, wait] of seconds.entries()) assert.ok(wait <= 0.5 * 2 ** place, `${seconds}`);
    const tries = requests('table/list/shop');
    for (const [place, wait] of seconds.entries()) {
      const gap = Number(tries[place + 1]?.startMs) - Number(tries[place]?.startMs);
      assert.ok(gap >= wait * 1000 - 60, `${gap} ms after a wait of ${wait} s`);
    }
  });

  for (const as of /** @type {const} */ (['seconds', 'date'])) {
    it(`are as long as Retry-After asks for, as ${as}`, async () => {
      /** @type {import('../emulator/faults.js').Action} */
      const action = { type: 'status', status: 429, retryAfter: { seconds: 1, as } };
      here.fail({ path: 'table/list/shop', action }, { path: 'table/rename', action });
      const { errors } = await cloned();
      assert.deepEqual(errors, []);
      for (const path of ['table/list/shop', 'table/rename/.*_visits']) {
        const [first, second] = requests(path);
        if (first?.fault) assert.ok(Number(second?.startMs) - Number(first.startMs) >= 990);
      }
    });
  }

  it('end with the budget, and the error says how long it was', async () => {
    here.fail({ path: 'upload_part/.*_orders', times: -1, action: { type: 'status', status: 500 } });
    const { errors } = await cloned({ retryTimeoutMs: 900 });
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? '', /HTTP 500\) \(gave up after \d+ attempts in \d\.\d s\)$/);
  });
});

describe('silence', () => {
  it('of a result ends the try, and it is fetched again', async () => {
    const stall = /** @type {const} */ ({ type: 'stall', ms: 60_000 });
    here.fail({ path: '/job/result/', account: 'prod', action: stall });
    const { errors, told, copy } = await cloned({ idleTimeoutMs: 300 });
    assert.deepEqual(errors, []);
    assert.ok(
      told.some((words) => /^no response for 0\.3 s; next attempt/.test(words)),
      told.join('\n'),
    );
    const [stalled] = requests('/job/result/').filter(({ fault }) => fault === 'stall');
    assert.equal(requests('/job/result/').filter(({ path }) => path === stalled?.path).length, 2);
    await clones.assertEqual('shop', copy);
  });

  it('within a result ends the try, also when garbage was collected since it began', async () => {
    here.fail({
      path: '/job/result/',
      account: 'prod',
      action: { type: 'stall', ms: 60_000, afterBytes: 1 },
    });
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc');
    let collections = 0;
    // What nobody holds, Node forgets then; that a silent connection is to be given up must not be among it.
    const collecting = setInterval(() => {
      const isSilent = requests('/job/result/').some(({ fault }) => fault === 'stall');
      if (!isSilent || collections >= 3) return;
      collections += 1;
      collectGarbage();
    }, 50);
    try {
      const { errors, told } = await cloned({ idleTimeoutMs: 1000 });
      assert.deepEqual(errors, []);
      assert.ok(
        told.some((words) => words.startsWith('no response for 1 s')),
        told.join('\n'),
      );
      assert.equal(collections, 3);
    } finally {
      clearInterval(collecting);
    }
  });

  for (const call of ['table/rename', 'bulk_import/perform', 'bulk_import/commit']) {
    it(`after ${call} is no leave to send it again: petit looks, though it is carried out later`, async () => {
      here.fail({ path: `/v3/${call}`, action: { type: 'delay', ms: 900 } });
      const { errors, copy } = await cloned({ idleTimeoutMs: 300 });
      assert.deepEqual(errors, []);
      await clones.assertEqual('shop', copy);
      await clones.assertTidy(copy);
    });
  }

  it('of a large upload is given the time that its bytes take', async () => {
    here.fail({ path: 'upload_part/.*_visits', action: { type: 'delay', ms: 600 } });
    const { errors } = await cloned({ idleTimeoutMs: 500 });
    assert.deepEqual(errors, []);
    assert.ok(requests('upload_part/.*_visits').length <= 2);
  });
});

describe('a job that stays queued', () => {
  it('is waited for beyond --retry-timeout', async () => {
    here.fail({ path: 'FROM "shop"."orders"', action: { type: 'job_queued', ms: 1500 } });
    const { errors, copy } = await cloned({ retryTimeoutMs: 100 });
    assert.deepEqual(errors, []);
    await clones.assertEqual('shop', copy);
  });
});
