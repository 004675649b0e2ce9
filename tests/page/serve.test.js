import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { withBrowser } from '../support/browser.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { startServe } from '../support/serve.js';
import { privateFiles, Visitor } from './support.js';

/** The entrance of `petit serve` in a browser, its end, and the files that its page leaves in the browser. */

/** @import { Page } from 'playwright-core' */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const browser = withBrowser();
/** That of another user. */
const otherBrowser = withBrowser();
const endpoints = () => ['--endpoint', env.emulator.url('prod')];

/** Opens the page of a new `petit serve`. @param {import('node:test').TestContext} test */
async function openServed(test) {
  const server = await startServe(env, endpoints());
  test.after(() => server.stop());
  const { page, watch } = await browser.enter(server.url);
  page.setDefaultTimeout(120_000);
  const fixture = /** @type {any} */ ({ emulator: env.emulator, origin: server.origin });
  return { server, page, visitor: new Visitor(fixture, page, watch) };
}

/** @param {Visitor} visitor */
async function planExport(visitor) {
  await visitor.connectAccount('Source', 'prod');
  await visitor.button('Export tables').click();
  const { page } = visitor;
  await page.getByRole('combobox', { name: 'Database to export' }).fill('shop');
  await page.getByRole('option', { name: /^shop\b/ }).click();
  await page.getByText('Downloads', { exact: true }).click();
  for (const table of ['customers', 'orders']) await page.getByLabel(table, { exact: true }).check();
  await page.getByText('Ready to export 2 files.').waitFor();
}

describe('petit serve in a browser', () => {
  test('leads from the file that it opens to the page, once, and names no secret in the address', async () => {
    const script = env.path('browser');
    const file = env.path('open.html');
    await writeFile(script, `#!/bin/sh\ncp "$1" '${file}.part' && mv '${file}.part' '${file}'\n`, {
      mode: 0o755,
    });
    const { child, ended } = env.start(['serve', ...endpoints()], { BROWSER: script });
    const [text] = await once(child.stdout, 'data');
    const address = new URL(String(text).trim());
    while (!(await readFile(file, 'utf8').catch(() => ''))) await pause(20);

    const { page, watch } = await browser.enter(`file://${file}`);
    await page.getByRole('heading', { name: 'Connect your accounts' }).waitFor();
    assert.match(page.url(), new RegExp(`^${address.origin}/page/[\\w-]{43}/$`));
    assert.equal(await page.evaluate(() => document.cookie), '');
    assert.equal(await page.evaluate(() => document.referrer), '');
    assert.deepEqual(watch.problems, []);
    await page.reload();
    await page.getByRole('heading', { name: 'Connect your accounts' }).waitFor();

    const second = await browser.open(`${address.origin}/`);
    await second.page.waitForURL('**/page/*/');
    await second.page.getByRole('heading', { name: 'Connect your accounts' }).waitFor();

    const other = (await otherBrowser.open(address.href)).page;
    await other.getByText('This address no longer works').waitFor();
    await other.goto(`${address.origin}/`);
    await other.getByText('This page of petit is private').waitFor();
    await other.goto(page.url());
    await other.getByText('This page of petit is private').waitFor();
    child.kill('SIGINT');
    await ended;
  });

  test('sends nothing to a program that answers at its address after it has ended', async (test) => {
    const { server, page, visitor } = await openServed(test);
    await visitor.connectAccount('Source', 'prod');
    await visitor.region('Source').getByText('✓ Read tables').waitFor();
    await server.stop();
    /** @type {string[]} */
    const seen = [];
    const planted = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body}`);
      response.end(JSON.stringify({ proof: 'A'.repeat(43) }));
    });
    planted.listen(Number(new URL(server.origin).port), '127.0.0.1');
    await once(planted, 'listening');
    test.after(() => {
      planted.closeAllConnections();
      planted.close();
    });
    await visitor.button('Check again').click();
    await visitor
      .region('Source')
      .getByText(/another program, or another run of petit serve/)
      .waitFor();
    await page.getByRole('heading', { name: 'Do not enter keys in this page' }).waitFor();
    assert.ok(seen.length > 0);
    for (const text of seen) {
      assert.match(text, /^GET \/proof\/[\w-]{43}\/[\w-]{43} /);
      assert.doesNotMatch(text, /x-petit-token|authorization/i);
      assert.ok(!text.includes(env.emulator.key('prod')));
    }
  });

  test('the page says that its server has ended', async (test) => {
    const { server, page } = await openServed(test);
    await server.stop();
    await page.getByRole('heading', { name: 'petit serve has ended' }).waitFor();
  });

  test('an exported file leaves the browser with its download', async (test) => {
    const { server, page, visitor } = await openServed(test);
    await planExport(visitor);
    /** @type {Promise<string>[]} */
    const paths = [];
    page.on('download', (download) => paths.push(download.path()));
    await visitor.button('Start the export').click();
    await page.getByText('Downloaded', { exact: true }).nth(1).waitFor();
    assert.deepEqual(await privateFiles(page), []);
    const rows = await Promise.all(
      paths.map(async (path) => (await readParquet('pyarrow', await path)).rows),
    );
    assert.equal(rows.length, 2);
    for (const { length } of rows) assert.ok(length > 0);
    visitor.watch.assertClean(server.origin);
    await visitor.assertNoKey();
  });

  test('an exported file stays while its download has not begun, and goes with the page', async (test) => {
    const { page, visitor } = await openServed(test);
    await planExport(visitor);
    // A browser that asks the user, who does not answer.
    await page.evaluate(() => {
      HTMLAnchorElement.prototype.click = () => {};
    });
    await visitor.button('Start the export').click();
    await visitor.button('Download again').waitFor();
    assert.equal((await privateFiles(page)).length, 2);

    const second = await browser.open(`${new URL(page.url()).origin}/`);
    await second.page.waitForURL('**/page/*/');
    await second.page.getByRole('heading', { name: 'Connect your accounts' }).waitFor();
    assert.equal((await privateFiles(page)).length, 2, 'a second tab removes no files of the first');
    await page.close();
    while ((await privateFiles(second.page)).length > 0) await pause(50);
  });

  test('files that a crashed page left at a port of an earlier run are removed from another port', async (test) => {
    // A page at a port of its own leaves files, and its browser's lock on them is gone.
    const former = await startServe(env, endpoints());
    const port = Number(new URL(former.origin).port);
    const { page: crashed } = await browser.enter(former.url);
    await crashed.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('petit-crashed', { create: true });
      await folder.getFileHandle('a.parquet', { create: true });
    });
    await crashed.close();
    const usual = port === 20_000 ? 20_001 : port - 1;
    await writeFile(
      env.path('.local/state/petit/serve-ports.json'),
      JSON.stringify({ ports: [usual, port] }),
    );
    await former.stop();

    const { server, visitor } = await openServed(test);
    assert.equal(server.origin, `http://127.0.0.1:${usual}`);
    const isFree = () =>
      new Promise((resolve) => {
        const probe = createServer().once('error', () => resolve(false));
        probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
      });
    while (!(await isFree())) await pause(50);
    visitor.watch.assertClean(server.origin, { requests: new RegExp(`^http://127.0.0.1:${port}/`) });
    await server.stop();

    // Not a page of petit, which would remove the files itself.
    const empty = createServer((_, response) => response.end('<!doctype html>')).listen(port, '127.0.0.1');
    await once(empty, 'listening');
    test.after(() => empty.close());
    const { page } = await browser.open(former.origin);
    assert.deepEqual(await privateFiles(page), []);
  });
});
