import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { TdClient } from '../../pkg-scripts/driver/td/client.js';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';

const IDLE_MS = 60_000;

before(async () => instantiate(await platform.loadWasm()));

describe('the idle timeout of a call', () => {
  /** @type {ReadableStreamDefaultController<Uint8Array>} */
  let body;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(
      globalThis,
      'fetch',
      async (/** @type {Request} */ _request, /** @type {RequestInit} */ { signal }) => {
        const stream = new ReadableStream({
          start(controller) {
            body = controller;
            signal?.addEventListener('abort', () => controller.error(signal.reason));
          },
        });
        return new Response(stream);
      },
    );
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  const listTables = () => {
    const account = { endpoint: 'https://td.example', apikey: '1/0123456789abcdef' };
    const client = new TdClient(account, { ...platform, retryTimeoutMs: 0, idleTimeoutMs: IDLE_MS });
    return client.call({ call: 'list_tables', database: 'shop' });
  };

  /** Lets the call read what has arrived. */
  const settle = async () => {
    for (let turns = 0; turns < 20; turns += 1) await yieldToEventLoop();
  };

  it('starts again with each byte, so that a listing may flow for as long as it takes', async () => {
    const listed = listTables();
    await settle();
    for (const part of ['{"tables":', '[', '{"name":"orders",', '"schema":"[]"}', ']', '}']) {
      mock.timers.tick(IDLE_MS - 1);
      body.enqueue(new TextEncoder().encode(part));
      await settle();
    }
    body.close();
    assert.deepEqual(
      (await listed).map((/** @type {{ name: string }} */ { name }) => name),
      ['orders'],
    );
  });

  it('ends a call whose response stops', async () => {
    const listed = assert.rejects(listTables(), { code: 'network', message: /no response for 60 s/ });
    await settle();
    body.enqueue(new TextEncoder().encode('{"tables":'));
    await settle();
    mock.timers.tick(IDLE_MS);
    await listed;
  });
});
