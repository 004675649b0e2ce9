import assert from 'node:assert/strict';
import { mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { interrupted, PetitError, toPetitError } from '../../pkg-scripts/driver/errors.js';
import { download, RANGE_BYTES } from '../../pkg-scripts/driver/result/download.js';
import { IdleWatch, Patience } from '../../pkg-scripts/driver/td/client.js';
import { sleep } from '../../pkg-scripts/driver/utils/sleep.js';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { startPool } from '../../pkg-scripts/driver/workers/pool.js';
import { answer, unwrap } from '../../pkg-scripts/driver/workers/worker-result.js';
import { platform } from '../../pkg-scripts/platform/node.js';

/** The driver's parts where a server cannot show what they do. */

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-driver-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('download', () => {
  /**
   * A TD whose bodies come when they are let.
   * @param {number} size
   */
  function heldBack(size) {
    /** @type {{ start: number, end: number, send: () => void }[]} */
    const waiting = [];
    const patience = { renew() {}, wait: (/** @type {unknown} */ error) => Promise.reject(error) };
    const td = {
      patience: () => patience,
      retry: (/** @type {unknown} */ _run, /** @type {any} */ attempt) => attempt(patience),
      open: async (
        /** @type {string} */ _job,
        /** @type {{ start: number, end: number }} */ { start, end },
      ) => {
        const body = new ReadableStream({
          start(controller) {
            const send = () => {
              controller.enqueue(new Uint8Array(end + 1 - start).fill(start / RANGE_BYTES));
              controller.close();
            };
            waiting.push({ start, end, send });
          },
        });
        const watch = new IdleWatch(60_000);
        return { status: 206, contentRange: { start, end, total: size }, etag: '"e"', body, watch };
      },
    };
    return { waiting, td: /** @type {any} */ (td) };
  }

  /**
   * Reads six ranges, of which one after another is let come.
   * @param {number} parallelism
   * @param {'first' | 'last'} next which of those that were asked for
   */
  async function readSix(parallelism, next) {
    const size = 6 * RANGE_BYTES - 5;
    const { waiting, td } = heldBack(size);
    /** @type {number[]} */
    const got = [];
    const reading = (async () => {
      const job = { jobId: '1', resultSize: BigInt(size) };
      for await (const [range = -1] of download(td, job, { parallelism, run: {} })) {
        if (range !== got.at(-1)) got.push(range);
      }
    })();
    /** @type {number[]} */
    const underWay = [];
    for (let sent = 0; sent < 6; sent += 1) {
      for (let turns = 0; turns < 20; turns += 1) await turn();
      underWay.push(waiting.length);
      const range = next === 'first' ? waiting.shift() : waiting.pop();
      range?.send();
    }
    await reading;
    return { got, underWay };
  }

  for (const [parallelism, underWay] of /** @type {[number, number[]][]} */ ([
    [1, [1, 1, 1, 1, 1, 1]],
    [2, [2, 2, 2, 2, 2, 1]],
    [3, [3, 3, 3, 3, 2, 1]],
    [9, [6, 5, 4, 3, 2, 1]],
  ])) {
    it(`has ${parallelism} ranges under way at a time, as far as there are so many`, async () => {
      assert.deepEqual(await readSix(parallelism, 'first'), { got: [0, 1, 2, 3, 4, 5], underWay });
    });
  }

  it('gives ranges in their order, and holds no more of them than it may have under way', async () => {
    const { got, underWay } = await readSix(3, 'last');
    assert.deepEqual(got, [0, 1, 2, 3, 4, 5]);
    // Two that came too early wait for the first: until that comes, nothing more is asked for.
    assert.deepEqual(underWay.slice(0, 3), [3, 2, 1]);
  });

  for (const [what, resultSize] of /** @type {[string, number][]} */ ([
    ['in a range', 2 * RANGE_BYTES],
    ['as a whole', 1000],
  ])) {
    it(`takes a body that ends too early, ${what}, for a lost connection`, async () => {
      const { td } = heldBack(resultSize);
      const open = async () => {
        const opened = await td.open('1', { start: 0, end: RANGE_BYTES - 1 });
        return { ...opened, body: new Blob([new Uint8Array(10)]).stream() };
      };
      const job = { jobId: '1', resultSize: BigInt(resultSize) };
      const reading = async () => {
        for await (const _ of download({ ...td, open }, job, { parallelism: 1, run: {} }));
      };
      const message = /the body ended after 10 of (1000|4194304) bytes/;
      await assert.rejects(reading, { code: 'network', retryable: true, message });
    });
  }

  it('asks for no more ranges than the reader takes', async () => {
    const size = 20 * RANGE_BYTES;
    const { waiting, td } = heldBack(size);
    const chunks = download(td, { jobId: '1', resultSize: BigInt(size) }, { parallelism: 2, run: {} });
    const first = chunks.next();
    let asked = 0;
    for (let turns = 0; turns < 200; turns += 1) {
      await turn();
      for (const range of waiting.splice(0)) {
        asked += 1;
        range.send();
      }
    }
    assert.equal((await first).value?.[0], 0);
    assert.ok(asked <= 4, `${asked} ranges were fetched for a reader that took one`);
    const rest = chunks.return(undefined);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    for (const range of waiting) range.send();
    await rest;
  });
});

describe('patience', () => {
  const passing = () => new PetitError('network', 'cut', { retryable: true });

  /** @param {(tries: number, elapsed: number) => number | undefined} delay */
  const wasm = (delay) =>
    /** @type {any} */ ({
      retryDelayMs: (
        /** @type {number} */ tries,
        /** @type {unknown} */ _hint,
        /** @type {number} */ elapsed,
      ) => delay(tries, elapsed),
    });

  it('counts the tries, and begins anew after progress', async () => {
    /** @type {number[]} */
    const seen = [];
    const patience = new Patience(
      wasm((tries) => {
        seen.push(tries);
        return 0;
      }),
      {},
      () => 1000,
    );
    await patience.wait(passing());
    await patience.wait(passing());
    patience.renew();
    await patience.wait(passing());
    assert.deepEqual(seen, [0, 1, 0]);
  });

  it('ends with the error itself: a final one, the last one, an abort', async () => {
    const final = new PetitError('forbidden', 'no');
    await assert.rejects(
      new Patience(
        wasm(() => 0),
        {},
        () => 1,
      ).wait(final),
      final,
    );
    const last = passing();
    await assert.rejects(
      new Patience(
        wasm(() => undefined),
        {},
        () => 1,
      ).wait(last),
      last,
    );
    const signal = AbortSignal.abort(interrupted());
    await assert.rejects(
      new Patience(
        wasm(() => 0),
        { signal },
        () => 1,
      ).wait(passing()),
      { name: 'AbortError' },
    );
  });

  it('stops waiting as soon as the run is stopped', async () => {
    const controller = new AbortController();
    const waiting = sleep(600_000, controller.signal);
    controller.abort(interrupted());
    await assert.rejects(waiting, { name: 'AbortError', message: 'interrupted' });
    await assert.rejects(sleep(0, controller.signal), { name: 'AbortError' });
  });
});

describe('a watch over silence', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('aborts after so long without a byte; each byte gives it new time', () => {
    const watch = new IdleWatch(60_000);
    mock.timers.tick(59_999);
    watch.heard();
    mock.timers.tick(59_999);
    assert.equal(watch.signal.aborted, false);
    mock.timers.tick(1);
    assert.equal(watch.signal.aborted, true);
    const { code, message, retryable } = watch.signal.reason;
    assert.deepEqual([code, message, retryable], ['network', 'no answer for 60 s', true]);
  });

  it('follows the run’s own signal, until it is stopped', () => {
    const outer = new AbortController();
    const [followed, stopped] = [new IdleWatch(1000, outer.signal), new IdleWatch(1000, outer.signal)];
    stopped.stop();
    outer.abort(interrupted());
    mock.timers.tick(2000);
    assert.equal(followed.signal.reason.name, 'AbortError');
    assert.equal(stopped.signal.aborted, false);
    assert.throws(() => new IdleWatch(1000, outer.signal), { name: 'AbortError' });
  });
});

describe('errors', () => {
  it('become PetitErrors that know their place; those that are keep their own', () => {
    const own = new PetitError('network', 'cut', { table: 'mine' });
    assert.equal(toPetitError(own, { table: 'other', database: 'db', part: 'p' }), own);
    assert.deepEqual([own.table, own.database, own.part], ['mine', 'db', 'p']);

    const report = { code: 'out_of_range', message: 'too large', retryable: false, column: 'c', row: 0 };
    const fromCore = /** @type {PetitError} */ (toPetitError(report, { table: 't' }));
    assert.deepEqual(
      [fromCore.code, fromCore.column, fromCore.row, fromCore.table],
      ['out_of_range', 'c', 0, 't'],
    );
    assert.match(fromCore.hint ?? '', /wider type/);

    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
    assert.deepEqual(toPetitError(full).message, 'ENOSPC: no space left');
    assert.equal(/** @type {PetitError} */ (toPetitError(full)).code, 'cannot_write');

    for (const odd of [new TypeError('x is not a function'), 'text', undefined, null]) {
      assert.equal(/** @type {PetitError} */ (toPetitError(odd)).code, 'internal');
    }
    const abort = interrupted();
    assert.equal(toPetitError(abort), abort);
  });

  it('survive the way between threads as plain data', () => {
    const thrown = new PetitError('invalid_utf8', 'bad text', { column: 'c', row: 7, table: 't', job: '1' });
    const sent = structuredClone(
      answer(() => {
        throw thrown;
      }),
    );
    assert.throws(() => unwrap(sent), thrown.toJSON());
    assert.equal(/** @type {any} */ (sent).fatal, false);
    assert.deepEqual(unwrap(structuredClone(answer(() => 42))), 42);
    const trap = answer(() => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
    assert.equal(/** @type {any} */ (trap).fatal, true);
  });
});

describe('the pool of workers', () => {
  const order = () => ({
    schema: '[["n", "bigint"]]',
    options: { compression: 'zstd', invalidUtf8: 'error', plainColumns: [] },
    firstRow: 0,
    steps: [new Uint8Array([0x91, 1, 0x91, 2])],
  });

  it('gives what the calling thread would give', async () => {
    const module = await platform.loadWasm();
    const results = [];
    for (const workers of [0, 2]) {
      const pool = startPool(platform, module, workers);
      results.push(await pool.encodeRowGroup(order()));
      await assert.rejects(pool.encodeRowGroup({ ...order(), schema: '[]' }), { code: 'bad_schema' });
      await pool.close();
    }
    assert.equal(results[0]?.rowCount, 2);
    assert.deepEqual(results[0], results[1]);
  });

  it('says so when a worker dies, and goes on with another', async () => {
    const script = join(folder, 'dying.mjs');
    const workerpool = import.meta.resolve('workerpool');
    const body = `workerpool.worker({ encodeRowGroup: (_, { schema }) => schema === 'die' ? process.exit(1) : { value: 1 } });`;
    await writeFile(script, `import workerpool from '${workerpool}';\n${body}\n`);
    const module = await platform.loadWasm();
    const pool = startPool({ ...platform, workerScript: script }, module, 1);
    await assert.rejects(pool.encodeRowGroup({ ...order(), schema: 'die' }), {
      ...{ name: 'PetitError', code: 'internal', message: /^an encode worker stopped: / },
    });
    assert.equal(await pool.encodeRowGroup(order()), 1);
    await pool.close();
  });
});

describe('a file as a sink', () => {
  /** @param {string} name @param {{ overwrite: boolean }} [options] */
  const open = (name, options = { overwrite: false }) => platform.openSink(join(folder, name), options);

  it('appears when it is closed', async () => {
    const { writable } = await open('a');
    const writer = writable.getWriter();
    await writer.write(new Uint8Array([1]));
    assert.deepEqual(await readdir(folder), ['a.partial']);
    await writer.close();
    assert.deepEqual(await readdir(folder), ['a']);
  });

  it('goes when it is aborted', async () => {
    const { writable } = await open('a');
    await writable.abort(interrupted());
    assert.deepEqual(await readdir(folder), []);
  });

  it('goes when it cannot be published', async () => {
    const { writable } = await open('a');
    await writeFile(join(folder, 'a'), 'precious');
    await assert.rejects(writable.close(), { code: 'file_exists' });
    assert.deepEqual(await readdir(folder), ['a']);
    await assert.rejects(open('a'), { code: 'file_exists' });
  });

  describe('of many megabytes', () => {
    const MEGABYTE = 2 ** 20;
    /** @type {import('node:test').Mock<() => Promise<void>>} */
    let datasync;
    beforeEach(async () => {
      const handle = await openFile(folder, 'r');
      datasync = mock.method(Object.getPrototypeOf(handle), 'datasync');
      await handle.close();
    });
    afterEach(() => datasync.mock.restore());

    /** @param {number} megabytes */
    async function write(megabytes) {
      const { writable } = await open('a');
      const writer = writable.getWriter();
      for (let count = 0; count < megabytes; count += 1) {
        await writer.write(new Uint8Array(MEGABYTE).fill(count));
      }
      await writer.close();
    }

    it('goes to the disk on the way', async () => {
      await write(70);
      assert.equal(datasync.mock.callCount(), 2);
      const bytes = await readFile(join(folder, 'a'));
      assert.equal(bytes.length, 70 * MEGABYTE);
      for (let count = 0; count < 70; count += 1) {
        assert.ok(bytes.subarray(count * MEGABYTE, (count + 1) * MEGABYTE).every((byte) => byte === count));
      }
    });

    // A disk tells of its failure once: the sync at the end would succeed.
    for (const [when, megabytes] of /** @type {const} */ ([
      ['before more is written', 70],
      ['before it is published', 40],
    ])) {
      it(`goes when the disk fails, which is seen ${when}`, async () => {
        datasync.mock.mockImplementationOnce(async () => {
          throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
        });
        await assert.rejects(write(megabytes), { code: 'EIO' });
        assert.deepEqual(await readdir(folder), []);
      });
    }
  });

  it('is made together with its folder, which several may make at once', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const names = ['1', '2', '3'].map((name) => `${turn}/deep/er/${name}`);
      const sinks = await Promise.all(names.map((name) => open(name)));
      await Promise.all(sinks.map(({ writable }) => writable.close()));
      assert.deepEqual((await readdir(join(folder, `${turn}/deep/er`))).sort(), ['1', '2', '3']);
    }
  });
});

describe('the core in this thread', () => {
  it('is made once', async () => {
    const module = await platform.loadWasm();
    assert.equal(instantiate(module), instantiate(await platform.loadWasm()));
  });
});
