import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHOWN_DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { instantiate, wasm } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';

test('help and the page show the defaults that the core has', async () => {
  await instantiate(await platform.loadWasm());
  assert.equal(wasm.defaultRowGroupBytes('[["a", "bigint"]]'), SHOWN_DEFAULTS.rowGroupMiB * 2 ** 20);
  const request = { database: 'd', tables: ['t'], startTime: '2026-01-01' };
  const { tasks } = wasm.planExport({ ...request, output: 'o' });
  assert.match(tasks[0]?.sql ?? '', new RegExp(`TD_TIME_RANGE\\(${SHOWN_DEFAULTS.timeColumn}, `));
});
