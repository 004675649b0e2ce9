import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
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
