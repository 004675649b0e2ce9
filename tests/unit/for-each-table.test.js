import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { interrupted } from '../../pkg-scripts/driver/errors.js';
import { forEachTable } from '../../pkg-scripts/driver/run/for-each-table.js';
import { limitsOf } from '../../pkg-scripts/driver/run/options.js';
import { Outlet } from '../../pkg-scripts/driver/utils/redact.js';

/** @param {AbortSignal} [signal] */
function fakeRun(signal = new AbortController().signal) {
  /** @type {any[]} */
  const events = [];
  const onEvent = (/** @type {any} */ event) => void events.push(event);
  return {
    events,
    run: /** @type {any} */ ({
      signal,
      onEvent,
      outlet: new Outlet(),
      limits: limitsOf({ tableParallelism: 1 }),
    }),
  };
}

const TASKS = ['a', 'b', 'c'].map((table) => ({ table }));

describe('forEachTable', () => {
  it('goes on after a failure, which it reports and returns', async () => {
    const { run, events } = fakeRun();
    /** @type {string[]} */
    const done = [];
    const runTable = async (/** @type {{ table: string }} */ { table }) => {
      if (table === 'b') throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
      done.push(table);
    };
    const errors = await forEachTable(run, TASKS, runTable, ({ table }) => void done.push(`${table} failed`));
    assert.deepEqual(done, ['a', 'b failed', 'c']);
    assert.deepEqual(
      errors.map(({ code, table }) => [code, table]),
      [['cannot_write', 'b']],
    );
    assert.deepEqual(
      events.map(({ type, table }) => [type, table]),
      [['error', 'b']],
    );
  });

  it('stops at an abort', async () => {
    const controller = new AbortController();
    const { run, events } = fakeRun(controller.signal);
    const runTable = async () => {
      controller.abort(interrupted());
      throw new Error('aborted half-way');
    };
    await assert.rejects(
      forEachTable(run, TASKS, runTable, () => assert.fail()),
      { name: 'AbortError' },
    );
    assert.deepEqual(events, []);
  });

  it('throws a defect of the listener', async () => {
    const { run } = fakeRun();
    const runTable = () => Promise.reject(new Error('failed'));
    const onFailure = () => {
      throw new TypeError('listener is not a function');
    };
    await assert.rejects(forEachTable(run, TASKS, runTable, onFailure), TypeError);
  });
});
