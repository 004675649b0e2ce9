import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantiate, wasm } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';

test('a thread has one instance, however often it is created', async () => {
  await instantiate(await platform.loadWasm());
  const digest = new wasm.Digest();
  digest.push(new Uint8Array([0x91, 1]));
  await instantiate(await platform.loadWasm());
  assert.equal(digest.rows, 1n);
  digest.free();
});
