import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from '../pkg-scripts/serve/server.js';
import { withBrowser } from './browser.js';
import { readParquet } from './readers.js';
import { buildLibraryPage, staticHost } from './serve-support.js';
import { readSeed, surroundings, tableOf } from './support.js';
import { rowsOfSeed } from './values.js';

/** petit's library in a real browser: through the relay, and from a static host. */

const seed = readSeed('edges');
const here = surroundings(seed, 'acme');
const browser = withBrowser();

/** @type {Awaited<ReturnType<typeof buildLibraryPage>>} */
let built;
/** @type {Awaited<ReturnType<typeof startServer>>} */
let served;
/** A page of `petit serve`, and the account as it calls it. */
async function openServed() {
  const { page, watch } = await browser.open(served.url);
  const offered = await page.evaluate(() => /** @type {any} */ (window).petit.relayOfPage());
  return { page, watch, account: { ...here.account, relay: offered.relay }, offered };
}

/**
 * @param {import('./browser.js').Page} page
 * @param {string} name
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
const ask = (page, name, ...args) =>
  page.evaluate(({ name, args }) => /** @type {any} */ (window).petit.ask(name, ...args), { name, args });

/** Rows of about a kilobyte: as many as give more than 2 GiB. */
const BIG = { rows: 2_200_000, text: `concat(name, rpad('', 1000, ' the quick brown fox'))` };
/** What Chromium may take for them at most, beyond what it has anyway: a third of the file. */
const MOST_MEMORY = 700 * 2 ** 20;

/** pyarrow's word on a file: its rows, and the sum of a column. */
const PYTHON = fileURLToPath(new URL('../.venv/bin/python', import.meta.url));
const SUM_OF_IDS = `
import json, sys, pyarrow.compute as pc, pyarrow.parquet as pq
file = pq.ParquetFile(sys.argv[1])
sums = [pc.sum(file.read_row_group(i, columns=["id"])["id"]).as_py() for i in range(file.num_row_groups)]
print(json.dumps([file.metadata.num_rows, sum(sums)]))`;

/** The account again, with a table of many rows beside its own. */
const bigSeed = () => ({
  accounts: seed.accounts.map((account) => ({
    ...account,
    databases: [{ name: 'big', tables: [{ name: 'rows', generate: { recipe: 'tiny', rows: BIG.rows } }] }],
  })),
});

describe('the library in a browser', () => {
  before(async () => {
    built = await buildLibraryPage();
    const { folder } = built;
    served = await startServer({ folder, port: 0, hosts: [], endpoints: [here.account.endpoint] });
  });
  after(async () => {
    await served?.close();
    await built?.remove();
  });

  describe('through petit serve', () => {
    it('tells who the key is and what it opens', async () => {
      const { page, watch, account, offered } = await openServed();
      const check = await ask(page, 'checkAccount', account);
      assert.deepEqual(offered.endpoints, [here.account.endpoint]);
      assert.equal(check.endpoint, here.account.endpoint);
      assert.deepEqual(check.may, ['read', 'write']);
      watch.assertClean(new URL(served.url).origin);
    });

    it('exports every type to the origin’s own files, from where it is downloaded', async () => {
      const { page, watch, account } = await openServed();
      const request = { account, database: 'edges', tables: ['every_type'] };
      const downloading = page.waitForEvent('download');
      await page.evaluate(async (request) => {
        const { petit } = /** @type {any} */ (window);
        const { files } = await petit.ask('toPrivateFolder', request);
        petit.download(files[0]);
      }, request);
      const path = here.path('every_type.parquet');
      await (await downloading).saveAs(path);
      const { rows } = await readParquet('pyarrow', path);
      assert.deepEqual(rows, rowsOfSeed(tableOf(seed, 'edges', 'every_type')));
      watch.assertClean(new URL(served.url).origin);
    });
  });

  it('exports more than 2 GB to disk, with a small and steady part of it in memory', async () => {
    await here.emulator.loadSeed(bigSeed());
    const { page, watch, account } = await openServed();
    const downloading = page.waitForEvent('download', { timeout: 120_000 });
    const query = `SELECT id, ${BIG.text} AS text FROM rows`;
    const request = { account, database: 'big', query, output: 'big.parquet', compression: 'none' };
    const { result: path, growth } = await browser.memoryDuring(async () => {
      await page.evaluate(async (request) => {
        const { petit } = /** @type {any} */ (window);
        const { files } = await petit.ask('toPrivateFolder', request);
        petit.download(files[0]);
      }, request);
      return (await downloading).path();
    });
    const { size } = await stat(path);
    assert.ok(size > 2 ** 31, `${size} bytes`);
    assert.ok(growth < MOST_MEMORY, `${Math.round(growth / 2 ** 20)} MiB more than before`);
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', SUM_OF_IDS, path]);
    assert.deepEqual(JSON.parse(stdout), [BIG.rows, (BIG.rows * (BIG.rows - 1)) / 2]);
    watch.assertClean(new URL(served.url).origin);
  });

  describe('from a static host', () => {
    it('says that the browser blocks an endpoint without CORS, and the way out', async (test) => {
      const host = await staticHost(built.folder);
      test.after(host.close);
      const { page } = await browser.open(host.origin);
      const failed = await page.evaluate(
        (account) =>
          /** @type {any} */ (window).petit
            .ask('checkAccount', account)
            .catch((/** @type {any} */ error) => ({ ...error })),
        here.account,
      );
      assert.equal(failed.code, 'cross_origin');
      assert.match(failed.hint, /npx petit-td serve/);
    });

    it('works with an endpoint that allows it', async (test) => {
      const host = await staticHost(built.folder);
      test.after(host.close);
      here.emulator.configure({ cors: true });
      test.after(() => here.emulator.configure({ cors: false }));
      const { page } = await browser.open(host.origin);
      const check = await ask(page, 'checkAccount', here.account);
      assert.deepEqual(check.may, ['read', 'write']);
    });
  });
});
