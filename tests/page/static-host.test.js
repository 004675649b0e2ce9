import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed } from '../support/index.js';
import { staticPageFixture } from './support.js';

const PAGE = fileURLToPath(new URL('../../dist/www/', import.meta.url));
/** Of these, 110 kB are the SQL editor, which loads when it is opened. */
const MAX_BYTES = 1_310_000;

const fixture = staticPageFixture(readSeed('clone-shop'));

describe('the page on a static host', () => {
  test('clones between endpoints that allow its origin', async () => {
    fixture.emulator.configure({ cors: true });
    const visitor = await fixture.open();
    await visitor.connect();
    await visitor.plan('shop', { copy: 'elsewhere' });
    await visitor.button('Start the clone').click();
    await visitor.region('Outcome').getByRole('heading', { name: 'Complete' }).waitFor();
    await fixture.clones.assertEqual('shop', 'elsewhere');
    await visitor.assertNoShifts();
    await visitor.assertNoKey();
    const hosts = new Set(visitor.watch.requests.map((url) => new URL(url).origin));
    const { emulator, origin, destination } = fixture;
    assert.deepEqual(hosts, new Set([origin, emulator.url('prod'), emulator.url(destination)]));
    assert.deepEqual(visitor.watch.problems, []);
  });

  test('explains a call that the browser blocks, and the alternative', async () => {
    fixture.emulator.configure({ cors: false });
    const visitor = await fixture.open();
    await visitor.connectAccount('Source', 'prod');
    const source = visitor.region('Source');
    await source.getByText('Not connected', { exact: true }).waitFor();
    await source.getByText(/does not allow calls from pages of http:\/\/127\.0\.0\.1:\d+/).waitFor();
    await source.getByText(/petit serve/).waitFor();
    await visitor.assertNoShifts();
    await visitor.assertNoKey();
  });

  test('distinguishes a host that does not answer from a blocked one', async () => {
    const visitor = await fixture.open();
    const source = visitor.region('Source');
    await source.getByLabel('Site').selectOption('custom');
    await source.getByLabel('Endpoint').fill('http://127.0.0.1:9');
    await source.getByLabel('API key').fill('1/0000');
    await source.getByRole('button', { name: 'Connect' }).click();
    await source.getByText(/http:\/\/127\.0\.0\.1:9 does not respond/).waitFor();
  });

  test('is small: the sum of all files, compressed', () => {
    const files = readdirSync(PAGE, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    // Quality 9 is fast. Static hosts use a higher one, so this is an upper bound.
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    const sizes = files
      .filter(({ name }) => name !== 'licenses.md')
      .map(
        ({ parentPath, name }) =>
          brotliCompressSync(readFileSync(`${parentPath}/${name}`), { params }).length,
      );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    // The module of `npm test` is built without link-time optimisation.
    if (EXHAUSTIVE) assert.ok(bytes < MAX_BYTES, `${bytes} bytes`);
    assert.ok(bytes > 100_000, 'something was measured');
  });
});
