import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from '../../pkg-scripts/serve/server.js';
import { withBrowser } from '../support/browser.js';
import { readSeed, surroundings, tableOf } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { buildLibraryPage, staticHost } from '../support/serve.js';
import { rowsOfSeed } from '../support/values.js';

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
 * @param {import('../support/browser.js').Page} page
 * @param {string} name
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
const ask = (page, name, ...args) =>
  page.evaluate(({ name, args }) => /** @type {any} */ (window).petit.ask(name, ...args), { name, args });

/**
 * The error of a call that has to fail.
 * @param {import('../support/browser.js').Page} page
 * @param {string} name
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
async function trouble(page, name, ...args) {
  const outcome = await page.evaluate(
    ({ name, args }) =>
      /** @type {any} */ (window).petit.ask(name, ...args).then(
        () => undefined,
        (/** @type {Error} */ error) => ({ ...error, message: error.message }),
      ),
    { name, args },
  );
  assert.ok(outcome, `${name} has not failed`);
  return outcome;
}

/** Rows of about a kilobyte: as many as give more than 2 GiB. */
const BIG = { rows: 2_200_000, text: `concat(name, rpad('', 1000, ' the quick brown fox'))` };
/** What Chromium may take for them at most, beyond what it has anyway: far less than the file, whose size does not matter. */
const MOST_MEMORY = 600 * 2 ** 20;

/** pyarrow's word on a file: its rows, and the sum of a column. */
const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
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
    const downloading = page.waitForEvent('download', { timeout: 300_000 });
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

  it('resumes a download that the connection lost, through the relay', async () => {
    const { page, account } = await openServed();
    here.fail({ path: '/v3/job/result', times: 2, action: { type: 'reset', afterBytes: 500 } });
    const request = { account, database: 'edges', tables: ['every_type'] };
    const { tables, errors } = await ask(page, 'toMemory', request);
    assert.deepEqual(errors, []);
    assert.equal(tables[0].rows, BigInt(rowsOfSeed(tableOf(seed, 'edges', 'every_type')).length));
    assert.equal(here.resultRequests().length, 3);
  });

  it('says so when petit serve has ended', async () => {
    const { folder } = built;
    const other = await startServer({ folder, port: 0, hosts: [], endpoints: [here.account.endpoint] });
    const { page } = await browser.open(other.url);
    const { relay } = await page.evaluate(() => /** @type {any} */ (window).petit.relayOfPage());
    const account = { ...here.account, relay };
    await ask(page, 'checkAccount', account);
    await other.close();
    const failed = await trouble(page, 'checkAccount', account);
    assert.equal(failed.code, 'relay_stopped');
    assert.match(failed.message, /petit serve does not respond/);
  });

  describe('where files go', () => {
    const request = () => ({ database: 'edges', tables: ['every_type'], workers: 0 });

    /** What is in the file `picked` of the origin's own files, after an export to it.
     * @param {import('../support/browser.js').Page} page
     * @param {unknown} request */
    const toPicked = (page, request) =>
      page.evaluate(async (request) => {
        const root = await navigator.storage.getDirectory();
        const handle = await root.getFileHandle('picked', { create: true });
        const old = await handle.createWritable();
        await old.write('old');
        await old.close();
        const { errors } = await /** @type {any} */ (window).petit.ask('toFile', request, handle);
        const names = [];
        for await (const name of /** @type {any} */ (root).keys()) names.push(name);
        const text = await (await handle.getFile()).text();
        return { errors, names, text };
      }, request);

    it('a picked file has all of it, or what it had', async () => {
      const { page, account } = await openServed();
      const whole = await toPicked(page, { ...request(), account });
      assert.deepEqual([whole.text.slice(0, 4), whole.text.slice(-4)], ['PAR1', 'PAR1']);
      here.fail({ path: '/v3/job/result', action: { type: 'corrupt', atByte: 200 } });
      const broken = await toPicked(page, { ...request(), account });
      assert.equal(broken.errors.length, 1);
      assert.equal(broken.text, 'old');
      assert.deepEqual(
        broken.names.filter((name) => !name.startsWith('petit-')),
        ['picked'],
      );
    });

    it('memory has a file up to its limit', async () => {
      const { page, account } = await openServed();
      const fits = await ask(page, 'toMemory', { ...request(), account });
      assert.equal(fits.errors.length, 0);
      const tooLarge = await ask(page, 'toMemory', { ...request(), account }, 1000);
      assert.equal(tooLarge.errors[0].code, 'no_sink');
      assert.match(tooLarge.errors[0].message, /larger than the 1000 bytes/);
    });

    it('nowhere is an error before a job is begun', async () => {
      const { page, account } = await openServed();
      const { errors } = await ask(page, 'toNowhere', { ...request(), account });
      assert.equal(errors[0].code, 'no_sink');
      assert.ok(!here.requests().some((path) => path.startsWith('POST')));
    });

    it('what an ended page left is removed, what another page uses is not', async () => {
      const { page: another } = await openServed();
      await another.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        await root.getDirectoryHandle('petit-left', { create: true });
        const used = await root.getDirectoryHandle('petit-used', { create: true });
        await used.getFileHandle('file', { create: true });
        await new Promise((resolve) => {
          navigator.locks.request('petit-used', () => new Promise(() => resolve(undefined)));
        });
      });
      const { page, account } = await openServed();
      await ask(page, 'toPrivateFolder', { ...request(), account });
      const names = await page.evaluate(async () => {
        const names = [];
        const root = /** @type {any} */ (await navigator.storage.getDirectory());
        for await (const name of root.keys()) names.push(name);
        return names;
      });
      assert.ok(!names.includes('petit-left'), names.join());
      assert.ok(names.includes('petit-used'), names.join());
    });

    it('a browser tells what it offers', async () => {
      const { page } = await openServed();
      const places = await page.evaluate(() => /** @type {any} */ (window).petit.findSaveTargets());
      assert.deepEqual([places.picker, places.private, places.limit], [true, true, undefined]);
      assert.ok(places.room > 0);
      const without = await page.evaluate(() => {
        Object.defineProperty(navigator, 'storage', { value: undefined });
        Reflect.deleteProperty(window, 'showSaveFilePicker');
        return /** @type {any} */ (window).petit.findSaveTargets();
      });
      assert.deepEqual(without, { picker: false, private: false, limit: 256 * 2 ** 20 });
    });
  });

  describe('from a static host', () => {
    it('says that the browser blocks an endpoint without CORS, and the way out', async (test) => {
      const host = await staticHost(built.folder);
      test.after(host.close);
      const { page } = await browser.open(host.origin);
      const failed = await trouble(page, 'checkAccount', here.account);
      assert.equal(failed.code, 'cross_origin');
      assert.match(failed.hint, /npx petit-td serve/);
    });

    it('tells of an endpoint that is not there', async (test) => {
      const host = await staticHost(built.folder);
      test.after(host.close);
      const { page } = await browser.open(host.origin);
      const account = { ...here.account, endpoint: 'http://127.0.0.1:1' };
      const failed = await trouble(page, 'checkAccount', account, { retryTimeoutMs: 0 });
      assert.equal(failed.code, 'network');
      assert.match(failed.message, /^http:\/\/127\.0\.0\.1:1 does not respond/);
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
