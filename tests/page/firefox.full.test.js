import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import puppeteer from 'puppeteer-core';
import { readSeed, setUpEnv, tableOf } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { startServe } from '../support/serve.js';
import { rowsOfSeed } from '../support/values.js';

/** @import { Browser, Page } from 'puppeteer-core' */

// The page in Debian's Firefox, which has no dialogs for files and folders: over WebDriver BiDi, without a further driver.

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const TIMEOUT_MS = 60_000;
const SEED = readSeed('edges');
const env = setUpEnv(SEED, 'acme');

describe('the page in Firefox', () => {
  let folder = '';
  /** @type {Awaited<ReturnType<typeof startServe>>} */
  let server;
  /** @type {Browser} */
  let browser;
  before(async () => {
    await env.ready;
    folder = await mkdtemp(join(tmpdir(), 'petit-firefox-'));
    server = await startServe(env, ['--endpoint', env.account.endpoint]);
    browser = await puppeteer.launch({
      ...{ browser: 'firefox', executablePath: FIREFOX, headless: true },
      extraPrefsFirefox: {
        ...{ 'browser.download.folderList': 2, 'browser.download.dir': folder },
        'browser.download.alwaysOpenPanel': false,
      },
    });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('connects, shows the first rows of a query, exports through the relay, and saves the file', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    /** @type {string[]} */
    const errors = [];
    await page.goto(server.url);
    const source = 'section[aria-label="Source"]';
    await page.waitForSelector(`${source} select`);
    // Firefox looks for an icon of the document before, which has none.
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.select(`${source} select`, env.account.endpoint);
    await page.type(`${source} input[type=password]`, env.account.apikey);
    await click(page, `${source} button[type=submit]`);
    await clickText(page, 'button', 'Export tables');
    await page.type('input[role=combobox]', 'edges');
    await clickText(page, '[role=option] span', 'edges');

    await clickText(page, '.radio-card b', 'Query result');
    const editor = await page.waitForSelector('>>> .cm-content');
    await editor?.click();
    await page.keyboard.type('SELECT 9007199254740993 AS big');
    await clickText(page, 'button', 'First 100 rows');
    await clickText(page, '.rows-table td', '9007199254740993');

    await clickText(page, '.radio-card b', 'Tables');
    await clickText(page, '.choose-name span', 'every_type');
    await clickText(page, 'button:not([disabled])', 'Start the export of 1 file');
    await clickText(page, 'h2', 'Complete');
    const file = join(folder, await savedFile());
    const { rows } = await readParquet('pyarrow', file);
    assert.deepEqual(rows, rowsOfSeed(tableOf(SEED, 'edges', 'every_type')));
    await clickText(page, '.rows-table td', '9007199254740993');
    assert.deepEqual(errors, []);
    assert.ok(!page.url().includes(env.account.apikey));
  });

  /** The name of the downloaded file, once it is whole. */
  async function savedFile() {
    for (let waited = 0; waited < TIMEOUT_MS; waited += 200) {
      const names = await readdir(folder);
      const [name] = names.filter((name) => name.endsWith('.parquet'));
      if (name && names.every((other) => !other.endsWith('.part'))) return name;
      await pause(200);
    }
    throw new Error(`no file was saved in ${folder}`);
  }
});

/** @param {Page} page @param {string} selector */
const click = (page, selector) => page.locator(selector).setTimeout(TIMEOUT_MS).click();

/** Clicks an element with this text, once it exists. @param {Page} page @param {string} selector @param {string} text */
const clickText = (page, selector, text) => click(page, `${selector}::-p-text(${text})`);
