import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { presignedTarget } from '../../pkg-scripts/sinks/web/presigned.js';
import { bytesOf, closeAndCommit, fill, sinkTests } from '../sinks/conformance.js';
import { closeServer } from '../support/ports.js';

// The PUT of one file to an address that a store has signed.

const SECRET = 'X-Amz-Signature=0123456789abcdefsecret&X-Amz-Expires=60';

describe('a presigned address', () => {
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  /** What happens to the next requests. @type {('lose' | 'refuse' | number)[]} */
  let faults = [];
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '');
    const fault = faults.shift();
    if (fault === 'refuse') return void request.socket.destroy();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (typeof fault === 'number')
      return void response.writeHead(fault).end('<Error><Code>Denied</Code></Error>');
    if (request.headers['content-length'] === undefined) return void response.writeHead(411).end();
    if (request.headers['if-none-match'] === '*' && files.has(path))
      return void response.writeHead(412).end();
    files.set(path, new Uint8Array(Buffer.concat(chunks)));
    if (fault === 'lose') return void request.socket.destroy();
    response.end();
  });
  let origin = '';
  let temporary = '';
  let count = 0;
  const before_ = process.env.TMPDIR;

  before(async () => {
    await instantiate(await platform.loadWasm());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
    temporary = mkdtempSync(join(tmpdir(), 'petit-presigned-'));
    process.env.TMPDIR = temporary;
  });
  beforeEach(() => {
    faults = [];
  });
  after(async () => {
    if (before_ === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before_;
    rmSync(temporary, { recursive: true, force: true });
    await closeServer(server);
  });

  /** @param {string} path @param {{ overwrite?: boolean, retryTimeoutMs?: number }} [options] */
  const open = (path, { overwrite = false, ...context } = {}) =>
    presignedTarget(`${origin}${path}?${SECRET}`, {}).openSink(path, { overwrite, ...context });
  const newPath = () => {
    count += 1;
    return `/file-${count}.parquet`;
  };
  const subject = {
    openSink: (/** @type {string} */ path, /** @type {{ overwrite: boolean }} */ options) =>
      open(path, options),
    newPath,
    read: async (/** @type {string} */ path) => files.get(path),
    put: async (/** @type {string} */ path, /** @type {Uint8Array} */ bytes) => void files.set(path, bytes),
  };
  const tests = sinkTests(/** @type {any} */ (subject));
  for (const { title, run } of tests) it(title, run);

  /** @param {'lose' | 'refuse' | number} fault @param {number} times @param {number} retryTimeoutMs */
  async function putWith(fault, times, retryTimeoutMs) {
    const path = newPath();
    const sink = await open(path, { retryTimeoutMs });
    await fill(sink, bytesOf(5));
    faults = Array(times).fill(fault);
    await closeAndCommit(sink);
    return path;
  }

  it('is tried again after a fault that passes', async () => {
    for (const fault of /** @type {const} */ (['refuse', 503])) {
      assert.deepEqual(files.get(await putWith(fault, 1, 60_000)), bytesOf(5));
    }
  });

  it('whose answer is lost has an unknown outcome', async () => {
    for (const retryTimeoutMs of [0, 60_000]) {
      const error = await putWith('lose', 1, retryTimeoutMs).catch((error) => error);
      // The second attempt finds the file of the first.
      assert.equal(error.code, 'publish_unknown');
      assert.ok(!`${error.message}${error.hint}`.includes('secret'));
    }
  });

  it('that is refused is an error without its signature, and leaves no file behind', async () => {
    const error = await putWith(403, 1, 0).catch((error) => error);
    assert.equal(error.code, 'store_refused');
    assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+\/file-\d+\.parquet: Denied$/);
    assert.deepEqual(readdirSync(temporary), []);
    for (const address of [
      'https://user:secret@host/x',
      'http://192.0.2.1/x?secret',
      'https://host/?secret',
    ]) {
      assert.throws(
        () => presignedTarget(address, {}),
        (/** @type {any} */ error) => {
          assert.match(error.code, /^(invalid_option|insecure_endpoint)$/);
          return !error.message.includes('secret');
        },
      );
    }
  });
});
