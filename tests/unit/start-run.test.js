import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withInterruption } from '../../pkg-scripts/driver/errors.js';
import { startRun } from '../../pkg-scripts/driver/run/start-run.js';
import { listTables, PetitError } from '../../pkg-scripts/node.js';

/** A run that plans two tables, finishes one and then waits for its end. */
const request = (/** @type {AbortSignal | undefined} */ signal = undefined) =>
  startRun(/** @type {any} */ ({ signal }), async ({ signal, onEvent }) => {
    const tasks = [{ table: 'a' }, { table: 'b' }];
    onEvent({ type: 'plan', command: 'td2parquet', tasks });
    onEvent({ type: 'table', state: 'done', table: 'a' });
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw signal.reason;
  });

const INTERRUPTED = {
  name: 'PetitError',
  code: 'interrupted',
  finished: ['a'],
  left: ['b'],
  retryable: false,
};

describe('a run that is stopped', () => {
  it('rejects with what was finished and what was left, whatever the reason of the abort is', async () => {
    for (const reason of [undefined, new Error('stop'), 'stop', new DOMException('late', 'TimeoutError')]) {
      const controller = new AbortController();
      const run = request(controller.signal);
      controller.abort(reason);
      await assert.rejects(run, INTERRUPTED);
    }
  });

  it('throws the same error in the loop over its events', async () => {
    const controller = new AbortController();
    const loop = async () => {
      for await (const event of request(controller.signal)) if (event.type === 'table') controller.abort();
    };
    await assert.rejects(loop(), INTERRUPTED);
  });

  it('has its tables in the plain data of its error', () => {
    const signal = AbortSignal.abort();
    const error = withInterruption(signal.reason, signal, { finished: ['a'], remaining: ['b'] });
    assert.ok(error instanceof PetitError);
    const { code, finished, left } = error.toJSON();
    assert.deepEqual({ code, finished, left }, { code: 'interrupted', finished: ['a'], left: ['b'] });
  });

  it('that fails for another reason keeps its error', async () => {
    const failure = new Error('disk full');
    await assert.rejects(
      startRun({ signal: AbortSignal.abort() }, async () => {
        throw failure;
      }),
      failure,
    );
  });
});

it('a call that is stopped rejects with the same code', async () => {
  const account = { endpoint: 'http://127.0.0.1:1', apikey: '1/a' };
  const stopped = listTables(account, 'db', { signal: AbortSignal.abort() });
  await assert.rejects(stopped, { name: 'PetitError', code: 'interrupted', left: undefined });
});
