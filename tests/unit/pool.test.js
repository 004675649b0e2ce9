import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPool } from '../../pkg-scripts/driver/workers/pool.js';
import { platform } from '../../pkg-scripts/platform/node.js';

/** One row of one integer. */
const rows = () => new Uint8Array([0x91, 0x07]);
const order = () => ({
  schema: '[["n", "bigint"]]',
  options: { compression: 'none', invalidUtf8: 'error', plainColumns: [] },
  firstRow: 0,
  steps: [rows()],
});
const NO_MODULE = /** @type {WebAssembly.Module} */ (/** @type {unknown} */ ({}));

test('every thread makes the same file of the same rows', async () => {
  const module = await platform.loadWasm();
  const files = [];
  for (const workers of [0, 1, 2]) {
    const pool = startPool(platform, module, workers);
    const { file, rowCount } = await pool.encodeRowGroup(order());
    await pool.close();
    assert.equal(rowCount, 1);
    files.push(Buffer.from(file).toString('hex'));
  }
  assert.equal(new Set(files).size, 1);
});

test('rows that do not fit are an error of the order, and the worker goes on', async () => {
  const pool = startPool(platform, await platform.loadWasm(), 1);
  const wrong = { ...order(), steps: [new Uint8Array([0x91, 0xa1, 0x78])] };
  await assert.rejects(pool.encodeRowGroup(wrong), { code: 'type_mismatch', column: 'n', row: 0 });
  assert.equal((await pool.encodeRowGroup(order())).rowCount, 1);
  await pool.close();
});

test('a worker whose instance is broken becomes an error, never a hang', async () => {
  const pool = startPool(platform, NO_MODULE, 1);
  for (const _ of [1, 2]) await assert.rejects(pool.encodeRowGroup(order()), { code: 'internal' });
  await pool.close();
});
