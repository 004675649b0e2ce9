import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { Clones, maxConcurrency, onRequest } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';

const ROWS = 400_000;
const [prod, mirror] = readSeed('clone-shop').accounts;
assert.ok(prod && mirror);
const tables = [{ name: 'events', generate: { recipe: 'events', rows: ROWS } }];
const seed = {
  accounts: [
    { ...prod, databases: [{ name: 'large', tables }] },
    { ...mirror, databases: [] },
  ],
};
const env = setUpEnv(seed, 'prod');
const clones = new Clones(env, 'prod', 'mirror');

it('a large table is downloaded in ranges and uploaded in parts, within --download-parallelism', async (test) => {
  const isUpload = (/** @type {string} */ path) => path.includes('/upload_part/');
  let uploads = 0;
  /** @type {() => void} */
  let onSecondUpload = () => {};
  const secondUpload = new Promise((resolve) => {
    onSecondUpload = () => resolve(undefined);
  });
  // The upload of the first part waits for the second part, so the test would hang without parallel uploads.
  onRequest(test, env, async ({ path }) => {
    if (!isUpload(path)) return;
    uploads += 1;
    if (uploads === 1) await secondUpload;
    else onSecondUpload();
  });
  const args = ['large', '--download-parallelism', '2', '--report', 'report.json'];
  const { code, stderr } = await clones.run(args);
  assert.equal(code, 0, stderr);

  const { tables } = JSON.parse(await readFile(env.path('report.json'), 'utf8'));
  const { parts, rows, bytes, downloadedBytes } = tables[0];
  assert.equal(rows, ROWS);
  assert.ok(parts >= 2, `${parts} parts`);
  const requests = env.emulator.requests();
  const sent = requests.filter(({ path }) => isUpload(path));
  assert.deepEqual(
    sent.map(({ path }) => path.split('/').at(-1)).sort(),
    Array.from({ length: parts }, (_, place) => `part_0000${place + 1}`),
  );
  assert.equal(
    sent.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
    bytes,
  );
  for (const { bytesIn } of sent) assert.ok(bytesIn < 32 * 2 ** 20, `a part of ${bytesIn} bytes`);
  assert.equal(maxConcurrency(sent), 2);
  const ranges = requests.filter(({ path, account }) => path.includes('/job/result/') && account === 'prod');
  assert.ok(ranges.length > 4, `${ranges.length} ranges`);
  assert.ok(ranges.every(({ status }) => status === 206));
  assert.equal(
    ranges.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
    downloadedBytes,
  );
  assert.ok(maxConcurrency(ranges) <= 2);
  const sessions = requests.filter(({ path }) => path.includes('/bulk_import/create/'));
  assert.equal(sessions.length, 1);

  await clones.assertEqual('large', 'large');
  await clones.assertNoLeftovers('large');
});
