import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from '../../pkg-scripts/serve/server.js';
import { withBrowser } from '../support/browser.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, setUpEnv, tableOf } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { buildLibraryPage, staticHost } from '../support/serve.js';
import { rowsOfSeed } from '../support/values.js';

/** Tests petit's library in a browser: through the relay, and from a static host. */

const seed = readSeed('edges');
const env = setUpEnv(seed, 'acme');
const browser = withBrowser();

/** @type {Awaited<ReturnType<typeof buildLibraryPage>>} */
let built;
/** @type {Awaited<ReturnType<typeof startServer>>} */
let served;
/** Opens a page of `petit serve`; returns it with an account that uses the relay. */
async function openServed() {
  const { page, watch } = await browser.enter(served.newUrl());
  const servedBy = await page.evaluate(() => /** @type {any} */ (window).petit.relayOfPage());
  return { page, watch, account: { ...env.account, relay: servedBy.relay }, servedBy };
}

/**
 * @param {import('../support/browser.js').Page} page
 * @param {string} name
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
const call = (page, name, ...args) =>
  page.evaluate(({ name, args }) => /** @type {any} */ (window).petit.call(name, ...args), { name, args });

/**
 * The error of a call that must fail.
 * @param {import('../support/browser.js').Page} page
 * @param {string} name
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
async function callError(page, name, ...args) {
  const outcome = await page.evaluate(
    ({ name, args }) =>
      /** @type {any} */ (window).petit.call(name, ...args).then(
        () => undefined,
        (/** @type {Error} */ error) => ({ ...error, message: error.message }),
      ),
    { name, args },
  );
  assert.ok(outcome, `${name} did not fail`);
  return outcome;
}

/** Rows of about a kilobyte, more than 2 GiB in total. */
const BIG = { rows: 2_200_000, text: `concat(name, rpad('', 1000, ' the quick brown fox'))` };
/** The maximum growth of Chromium's memory during the export. It is independent of the size of the file. */
const MAX_GROWTH_BYTES = 600 * 2 ** 20;

/** Prints the number of rows of a file and the sum of a column, with pyarrow. */
const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const SUM_OF_IDS = `
import json, sys, pyarrow.compute as pc, pyarrow.parquet as pq
file = pq.ParquetFile(sys.argv[1])
sums = [pc.sum(file.read_row_group(i, columns=["id"])["id"]).as_py() for i in range(file.num_row_groups)]
print(json.dumps([file.metadata.num_rows, sum(sums)]))`;

/** A seed that adds a large table to the accounts. */
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
    served = await startServer({ folder, port: 0, hosts: [], endpoints: [env.account.endpoint] });
  });
  after(async () => {
    await served?.close();
    await built?.remove();
  });

  describe('through petit serve', () => {
    it('checks a key', async () => {
      const { page, watch, account, servedBy } = await openServed();
      const check = await call(page, 'checkAccount', account);
      assert.deepEqual(servedBy.endpoints, [env.account.endpoint]);
      assert.equal(check.endpoint, env.account.endpoint);
      assert.deepEqual(check.permissions, ['read', 'write']);
      watch.assertClean(new URL(served.url).origin);
    });

    it('exports every type to the private storage, and downloads the file', async () => {
      const { page, watch, account } = await openServed();
      const request = { account, database: 'edges', tables: ['every_type'] };
      const downloading = page.waitForEvent('download');
      await page.evaluate(async (request) => {
        const { petit } = /** @type {any} */ (window);
        const { files } = await petit.call('toPrivateFolder', request);
        petit.download(files[0]);
      }, request);
      const path = env.path('every_type.parquet');
      await (await downloading).saveAs(path);
      const { rows } = await readParquet('pyarrow', path);
      assert.deepEqual(rows, rowsOfSeed(tableOf(seed, 'edges', 'every_type')));
      watch.assertClean(new URL(served.url).origin);
    });
  });

  it('exports more than 2 GB to disk with bounded memory', {
    skip: !EXHAUSTIVE && 'moves 2 GB',
  }, async () => {
    await env.emulator.loadSeed(bigSeed());
    const { page, watch, account } = await openServed();
    const downloading = page.waitForEvent('download', { timeout: 300_000 });
    const query = `SELECT id, ${BIG.text} AS text FROM rows`;
    const request = { account, database: 'big', query, output: 'big.parquet', compression: 'none' };
    const { result: path, growth } = await browser.memoryDuring(async () => {
      await page.evaluate(async (request) => {
        const { petit } = /** @type {any} */ (window);
        const { files } = await petit.call('toPrivateFolder', request);
        petit.download(files[0]);
      }, request);
      return (await downloading).path();
    });
    const { size } = await stat(path);
    assert.ok(size > 2 ** 31, `${size} bytes`);
    assert.ok(growth < MAX_GROWTH_BYTES, `${Math.round(growth / 2 ** 20)} MiB growth`);
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', SUM_OF_IDS, path]);
    assert.deepEqual(JSON.parse(stdout), [BIG.rows, (BIG.rows * (BIG.rows - 1)) / 2]);
    watch.assertClean(new URL(served.url).origin);
  });

  it('resumes an interrupted download through the relay', async () => {
    const { page, account } = await openServed();
    env.fail({ path: '/v3/job/result', times: 2, action: { type: 'reset', afterBytes: 500 } });
    const request = { account, database: 'edges', tables: ['every_type'] };
    const { tables, errors } = await call(page, 'toMemory', request);
    assert.deepEqual(errors, []);
    assert.equal(tables[0].rows, BigInt(rowsOfSeed(tableOf(seed, 'edges', 'every_type')).length));
    assert.equal(env.resultRequests().length, 3);
  });

  it('reports that petit serve has stopped', async () => {
    const { folder } = built;
    const other = await startServer({ folder, port: 0, hosts: [], endpoints: [env.account.endpoint] });
    const { page } = await browser.enter(other.url);
    const { relay } = await page.evaluate(() => /** @type {any} */ (window).petit.relayOfPage());
    const account = { ...env.account, relay };
    await call(page, 'checkAccount', account);
    await other.close();
    const failed = await callError(page, 'checkAccount', account);
    assert.equal(failed.code, 'relay_stopped');
    assert.match(failed.message, /petit serve does not respond/);
  });

  describe('save targets', () => {
    const request = () => ({ database: 'edges', tables: ['every_type'], workers: 0 });

    /** Exports to the file `picked` in the private storage, and returns its contents.
     * @param {import('../support/browser.js').Page} page
     * @param {unknown} request */
    const toPicked = (page, request) =>
      page.evaluate(async (request) => {
        const root = await navigator.storage.getDirectory();
        const handle = await root.getFileHandle('picked', { create: true });
        const old = await handle.createWritable();
        await old.write('old');
        await old.close();
        const { errors } = await /** @type {any} */ (window).petit.call('toFile', request, handle);
        const names = [];
        for await (const name of /** @type {any} */ (root).keys()) names.push(name);
        const text = await (await handle.getFile()).text();
        return { errors, names, text };
      }, request);

    it('a picked file is replaced completely or not at all', async () => {
      const { page, account } = await openServed();
      const whole = await toPicked(page, { ...request(), account });
      assert.deepEqual([whole.text.slice(0, 4), whole.text.slice(-4)], ['PAR1', 'PAR1']);
      env.fail({ path: '/v3/job/result', action: { type: 'corrupt', atByte: 200 } });
      const broken = await toPicked(page, { ...request(), account });
      assert.equal(broken.errors.length, 1);
      assert.equal(broken.text, 'old');
      assert.deepEqual(
        broken.names.filter((name) => !name.startsWith('petit-')),
        ['picked'],
      );
    });

    it('memory holds a file up to the limit', async () => {
      const { page, account } = await openServed();
      const fits = await call(page, 'toMemory', { ...request(), account });
      assert.equal(fits.errors.length, 0);
      const tooLarge = await call(page, 'toMemory', { ...request(), account }, 1000);
      assert.equal(tooLarge.errors[0].code, 'no_output');
      assert.match(tooLarge.errors[0].message, /larger than the 1000 bytes/);
    });

    it('a missing sink is an error before a job starts', async () => {
      const { page, account } = await openServed();
      const { errors } = await call(page, 'withoutSink', { ...request(), account });
      assert.equal(errors[0].code, 'no_output');
      assert.ok(!env.requests().some((path) => path.startsWith('POST')));
    });

    it('files of closed pages are removed, files that another page uses are kept', async () => {
      const { page: another } = await openServed();
      await another.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        await root.getDirectoryHandle('petit-orphaned', { create: true });
        const used = await root.getDirectoryHandle('petit-used', { create: true });
        await used.getFileHandle('file', { create: true });
        await new Promise((resolve) => {
          navigator.locks.request('petit-used', () => new Promise(() => resolve(undefined)));
        });
      });
      const { page, account } = await openServed();
      await call(page, 'toPrivateFolder', { ...request(), account });
      const names = await page.evaluate(async () => {
        const names = [];
        const root = /** @type {any} */ (await navigator.storage.getDirectory());
        for await (const name of root.keys()) names.push(name);
        return names;
      });
      assert.ok(!names.includes('petit-orphaned'), names.join());
      assert.ok(names.includes('petit-used'), names.join());
    });

    it('the save targets of a browser are detected', async () => {
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
    it('explains that the browser blocks an endpoint without CORS, and the alternative', async (test) => {
      const host = await staticHost(built.folder);
      test.after(host.close);
      const { page } = await browser.open(host.origin);
      const failed = await callError(page, 'checkAccount', env.account);
      assert.equal(failed.code, 'cross_origin');
      assert.match(failed.hint, /petit serve/);
    });

    it('reports an endpoint that does not answer', async (test) => {
      const host = await staticHost(built.folder);
      test.after(host.close);
      const { page } = await browser.open(host.origin);
      const account = { ...env.account, endpoint: 'http://127.0.0.1:1' };
      const failed = await callError(page, 'checkAccount', account, { retryTimeoutMs: 0 });
      assert.equal(failed.code, 'network');
      assert.match(failed.message, /^http:\/\/127\.0\.0\.1:1 does not respond/);
    });

    it('works with an endpoint that allows its origin', async (test) => {
      const host = await staticHost(built.folder);
      test.after(host.close);
      env.emulator.configure({ cors: true });
      test.after(() => env.emulator.configure({ cors: false }));
      const { page } = await browser.open(host.origin);
      const check = await call(page, 'checkAccount', env.account);
      assert.deepEqual(check.permissions, ['read', 'write']);
    });
  });
});
