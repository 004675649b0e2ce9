import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { download, RANGE_BYTES } from '../../pkg-scripts/driver/result/download.js';
import { IdleTimeout } from '../../pkg-scripts/driver/utils/idle-timeout.js';

describe('download', () => {
  /**
   * A client whose bodies arrive when the test sends them.
   * @param {number} size
   */
  function controlledClient(size) {
    /** @type {{ start: number, end: number, send: () => void }[]} */
    const waiting = [];
    const budget = { reset() {}, retryOrThrow: (/** @type {unknown} */ error) => Promise.reject(error) };
    const td = {
      retryBudget: () => budget,
      retry: (/** @type {unknown} */ _, /** @type {any} */ attempt) => attempt(budget),
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
        const idleTimeout = new IdleTimeout(60_000);
        return { status: 206, contentRange: { start, end, total: size }, etag: '"e"', body, idleTimeout };
      },
    };
    return { waiting, td: /** @type {any} */ (td) };
  }

  /**
   * Reads six ranges, sent one after another.
   * @param {number} parallelism
   * @param {'first' | 'last'} next which of the requested ranges to send
   */
  async function readSix(parallelism, next) {
    const size = 6 * RANGE_BYTES - 5;
    const { waiting, td } = controlledClient(size);
    /** @type {number[]} */
    const got = [];
    const reading = (async () => {
      const job = { jobId: '1', resultSize: BigInt(size) };
      for await (const [range = -1] of download(td, job, { ranges: parallelism, calls: {} })) {
        if (range !== got.at(-1)) got.push(range);
      }
    })();
    /** @type {number[]} */
    const inFlight = [];
    for (let sent = 0; sent < 6; sent += 1) {
      for (let turns = 0; turns < 20; turns += 1) await yieldToEventLoop();
      inFlight.push(waiting.length);
      const range = next === 'first' ? waiting.shift() : waiting.pop();
      range?.send();
    }
    await reading;
    return { got, inFlight };
  }

  for (const [parallelism, inFlight] of /** @type {[number, number[]][]} */ ([
    [1, [1, 1, 1, 1, 1, 1]],
    [2, [2, 2, 2, 2, 2, 1]],
    [3, [3, 3, 3, 3, 2, 1]],
    [9, [6, 5, 4, 3, 2, 1]],
  ])) {
    it(`has at most ${parallelism} ranges in flight`, async () => {
      assert.deepEqual(await readSix(parallelism, 'first'), { got: [0, 1, 2, 3, 4, 5], inFlight });
    });
  }

  it('yields ranges in order, and holds no more than may be in flight', async () => {
    const { got, inFlight } = await readSix(3, 'last');
    assert.deepEqual(got, [0, 1, 2, 3, 4, 5]);
    // Two ranges arrived early. Until the first arrives, no more are requested.
    assert.deepEqual(inFlight.slice(0, 3), [3, 2, 1]);
  });

  for (const [what, resultSize] of /** @type {[string, number][]} */ ([
    ['in a range', 2 * RANGE_BYTES],
    ['as a whole', 1000],
  ])) {
    it(`retries a body that ends early, ${what}, like a lost connection`, async () => {
      const { td } = controlledClient(resultSize);
      const open = async () => {
        const opened = await td.open('1', { start: 0, end: RANGE_BYTES - 1 });
        return { ...opened, body: new Blob([new Uint8Array(10)]).stream() };
      };
      const job = { jobId: '1', resultSize: BigInt(resultSize) };
      const reading = async () => {
        for await (const _ of download({ ...td, open }, job, { ranges: 1, calls: {} }));
      };
      const message = /the body ended after 10 of (1000|4194304) bytes/;
      await assert.rejects(reading, { code: 'network', retryable: true, message });
    });
  }

  /**
   * A client whose server answers each request with the next body, with status 200, whatever range is asked for.
   * @param {{ bytes: number[], isDecoded?: boolean, contentLength?: number }[]} bodies
   */
  function clientOf(bodies) {
    /** @type {any[]} */
    const requests = [];
    const budget = {
      reset() {},
      retryOrThrow: async (/** @type {any} */ error) => {
        if (!error.retryable) throw error;
      },
    };
    const open = async (/** @type {string} */ _job, /** @type {any} */ range) => {
      requests.push(range);
      const { bytes, ...head } = bodies.shift() ?? assert.fail('one request too many');
      const body = new Blob([new Uint8Array(bytes)]).stream();
      return { status: 200, isDecoded: false, ...head, body, idleTimeout: new IdleTimeout(60_000) };
    };
    return { requests, td: /** @type {any} */ ({ open, retryBudget: () => budget }) };
  }

  /** @param {any} td @param {bigint | undefined} resultSize */
  async function readAll(td, resultSize) {
    const bytes = [];
    const job = { jobId: '7', numRecords: 1n, resultSize };
    for await (const chunk of download(td, job, { ranges: 1, calls: {} })) bytes.push(...chunk);
    return bytes;
  }

  it('ends at the end of a result whose size is too large, also if the server ignores ranges', async () => {
    for (const contentLength of [3, undefined]) {
      const body = { bytes: [1, 2, 3], contentLength };
      const { td, requests } = clientOf([body, body]);
      assert.deepEqual(await readAll(td, 1000n), [1, 2, 3]);
      assert.deepEqual(
        requests.map(({ start }) => start),
        [undefined, 3],
      );
    }
  });

  it('does not end at a body that was cut once', async () => {
    const { td } = clientOf([{ bytes: [1, 2] }, { bytes: [1, 2, 3, 4] }]);
    assert.deepEqual(await readAll(td, 4n), [1, 2, 3, 4]);
  });

  it('stops at the first byte beyond what the job or the body promised', async () => {
    const promises = /** @type {const} */ ([
      [3n, undefined],
      [3n, 5],
      [undefined, 3],
    ]);
    for (const [resultSize, contentLength] of promises) {
      const { td } = clientOf([{ bytes: [1, 2, 3, 4, 5], contentLength }]);
      const message = /the result has more than the 3 bytes that the job promised/;
      await assert.rejects(readAll(td, resultSize), { code: 'result_changed', job: '7', message });
    }
  });

  it('takes a result whose gzip was undone on the way, and starts it again if it breaks off', async () => {
    const { td, requests } = clientOf([
      { bytes: [1, 2, 3, 4, 5], isDecoded: true },
      { bytes: [1, 2, 3, 4, 5, 6], isDecoded: true },
    ]);
    const { open } = td;
    td.open = async (/** @type {string} */ job, /** @type {any} */ range) => {
      const opened = await open(job, range);
      if (requests.length > 1) return opened;
      const [first] = [new Uint8Array([1, 2])];
      let sent = false;
      const body = new ReadableStream({
        pull(controller) {
          if (sent) controller.error(new TypeError('terminated'));
          else controller.enqueue(first);
          sent = true;
        },
      });
      return { ...opened, body };
    };
    assert.deepEqual(await readAll(td, 3n), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(requests, [{}, {}]);
  });

  it('requests no more ranges than the reader takes', async () => {
    const size = 20 * RANGE_BYTES;
    const { waiting, td } = controlledClient(size);
    const chunks = download(td, { jobId: '1', resultSize: BigInt(size) }, { ranges: 2, calls: {} });
    const first = chunks.next();
    let asked = 0;
    for (let turns = 0; turns < 200; turns += 1) {
      await yieldToEventLoop();
      for (const range of waiting.splice(0)) {
        asked += 1;
        range.send();
      }
    }
    assert.equal((await first).value?.[0], 0);
    assert.ok(asked <= 4, `${asked} ranges were fetched for a reader that took one`);
    const rest = chunks.return(undefined);
    for (let turns = 0; turns < 20; turns += 1) await yieldToEventLoop();
    for (const range of waiting) range.send();
    await rest;
  });
});
