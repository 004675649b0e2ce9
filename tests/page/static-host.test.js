import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { readSeed } from '../support/index.js';
import { staticSurroundings } from './support.js';

const PAGE = fileURLToPath(new URL('../../dist/www/', import.meta.url));
const MOST_FIRST_BYTES = 1_200_000;

const place = staticSurroundings(readSeed('clone-shop'));

describe('the page on a static host', () => {
  test('clones between accounts that allow its origin', async () => {
    place.emulator.configure({ cors: true });
    const visitor = await place.open();
    await visitor.connect();
    await visitor.plan('shop', { copy: 'elsewhere' });
    await visitor.button('Start the clone').click();
    await visitor.part('Outcome').getByRole('heading', { name: 'Complete' }).waitFor();
    await place.clones.assertEqual('shop', 'elsewhere');
    await visitor.assertSteady();
    await visitor.assertNoKey();
    const hosts = new Set(visitor.watch.requests.map((url) => new URL(url).origin));
    const { emulator, origin, destination } = place;
    assert.deepEqual(hosts, new Set([origin, emulator.url('prod'), emulator.url(destination)]));
    assert.deepEqual(visitor.watch.problems, []);
  });

  test('explains what the browser blocks, with the way out', async () => {
    place.emulator.configure({ cors: false });
    const visitor = await place.open();
    await visitor.askFor('Source', 'prod');
    const source = visitor.part('Source');
    await source.getByText('Not connected', { exact: true }).waitFor();
    await source.getByText(/does not allow calls from pages of http:\/\/127\.0\.0\.1:\d+/).waitFor();
    await source.getByText(/npx petit-td serve/).waitFor();
    await visitor.assertSteady();
    await visitor.assertNoKey();
  });

  test('tells a host that does not answer from one that is blocked', async () => {
    const visitor = await place.open();
    const source = visitor.part('Source');
    await source.getByLabel('Site').selectOption('custom');
    await source.getByLabel('Endpoint').fill('http://127.0.0.1:9');
    await source.getByLabel('API key').fill('1/0000');
    await source.getByRole('button', { name: 'Connect' }).click();
    await source.getByText(/http:\/\/127\.0\.0\.1:9 does not respond/).waitFor();
  });

  test('is small: all of its files, compressed', () => {
    const files = readdirSync(PAGE, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    // A quality that takes little time; hosts that compress once take a better one.
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    const sizes = files
      .filter(({ name }) => name !== 'licenses.md')
      .map(
        ({ parentPath, name }) =>
          brotliCompressSync(readFileSync(`${parentPath}/${name}`), { params }).length,
      );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(bytes < MOST_FIRST_BYTES, `${bytes} bytes`);
    assert.ok(bytes > 100_000, 'something was measured');
  });
});
