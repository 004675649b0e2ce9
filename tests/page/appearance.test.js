import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pageSurroundings } from './support.js';

/** @import { Visitor } from './support.js' */
/** @import { Seed } from '../support/index.js' */

/** @type {Seed} */
const SEED = JSON.parse(readFileSync(new URL('../emulator/seed.json', import.meta.url), 'utf8'));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Where the pictures go, for people to look at. */
const PICTURES = fileURLToPath(new URL('./screenshots/', import.meta.url));
const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };
const SCHEMES = /** @type {const} */ (['light', 'dark']);

const place = pageSurroundings(SEED, 'backup');
const { clones } = place;
before(() => mkdir(PICTURES, { recursive: true }));

/**
 * Takes pictures of the state the page is in, light and dark, wide and narrow, and has axe look for barriers.
 * @param {Visitor} visitor
 * @param {string} name
 */
async function look({ page }, name) {
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      assert.ok(await fits(page), `${name} is wider than a window of ${viewport.width} px`);
      await page.setViewportSize({ ...viewport, height: await wholeHeight(page, viewport.height) });
      await page.screenshot({ path: join(PICTURES, `${name}-${size}-${scheme}.png`) });
    }
    assert.deepEqual(await barriers(page), [], `${name}, ${scheme}`);
  }
  await page.setViewportSize(SIZES.wide);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** As high as all of it is.
 * @param {import('playwright-core').Page} page
 * @param {number} least */
const wholeHeight = (page, least) =>
  page.evaluate((least) => Math.max(least, document.documentElement.scrollHeight), least);

/** @param {import('playwright-core').Page} page */
const fits = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

/**
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>} what axe finds
 */
async function barriers(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run());
  return violations.flatMap((/** @type {any} */ { id, nodes }) =>
    nodes.map((/** @type {any} */ { html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
  );
}

/** @param {Visitor} visitor @param {string} title */
const ended = (visitor, title) =>
  visitor.part('Outcome').getByRole('heading', { name: title, exact: true }).waitFor();

describe('the page, as it looks', () => {
  test('connecting', async () => {
    const visitor = await place.open();
    await look(visitor, 'connect');
    await visitor.tab('Clone');
    await look(visitor, 'clone-unconnected');
    await visitor.tab('Connect');
    await visitor.askFor('Source', 'prod');
    await visitor.page.getByText('Prod Admin').first().waitFor();
    await visitor.part('Destination').getByLabel('Site').selectOption('custom');
    await visitor.part('Destination').getByLabel('Endpoint').fill(place.emulator.url('backup'));
    await visitor.part('Destination').getByLabel('API key').fill('2/mistyped');
    await visitor.part('Destination').getByRole('button', { name: 'Connect' }).click();
    await visitor.page.getByText('Not connected', { exact: true }).waitFor();
    await look(visitor, 'connect-failed');
    await visitor.askFor('Destination', 'backup');
    await visitor.page.getByText('Both accounts are connected.').waitFor();
    await look(visitor, 'connected');
  });

  test('planning', async () => {
    await clones.inProcess({ database: 'shop', tables: ['customers', 'orders', 'web_logs'] });
    const visitor = await place.open();
    await visitor.connect();
    await visitor.tab('Clone');
    await look(visitor, 'clone-begin');
    await visitor.page.getByRole('combobox', { name: 'Database to clone' }).click();
    await look(visitor, 'clone-choose');
    await visitor.plan('shop');
    await visitor.ready(/in the way/);
    await look(visitor, 'plan-errors');
    await visitor.page.getByText('Replace them', { exact: true }).click();
    await visitor.ready(/^Ready/);
    await look(visitor, 'plan-overwrite');
    await visitor.button('Start the clone').click();
    await visitor.page.getByRole('dialog').waitFor();
    await look(visitor, 'plan-confirm');
    await visitor.button('Cancel').click();
    await visitor.plan('shop', { copy: 'shop_eu' });
    await visitor.page.getByText('The database shop_eu will be created').waitFor();
    await look(visitor, 'plan');
  });

  test('running, and how it ends', async () => {
    const { here } = place;
    // Half of its rows have come, or at least it has not got its name yet.
    here.fail(
      { path: '/v3/job/result/', times: -1, action: { type: 'stall', afterBytes: 2_500_000, ms: 120_000 } },
      { path: '/v3/table/rename/.*/page_views', action: { type: 'delay', ms: 120_000 } },
    );
    const visitor = await place.open();
    await visitor.connect();
    await visitor.plan('shop', { copy: 'shop_copy' });
    await visitor.button('Start the clone').click();
    await visitor.part('Tables').getByRole('button', { name: 'Copying 1' }).waitFor();
    await visitor.part('Tables').getByRole('button', { name: 'Verified 4' }).waitFor();
    await look(visitor, 'run');
    await visitor.button('Cancel').click();
    await look(visitor, 'run-cancel');
    await visitor.page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await ended(visitor, 'Stopped');
    await look(visitor, 'stopped');
    here.emulator.faults.clear();
    const message = 'Query failed: the cluster is out of memory';
    here.fail({ path: 'page_views', action: { type: 'job_fails', message } });
    await visitor.button('Copy 1 missing').click();
    await ended(visitor, '1 table failed');
    await look(visitor, 'failed');
    await visitor.button('Retry 1 failed').click();
    await ended(visitor, 'Complete');
    await look(visitor, 'complete');
    await visitor.page.reload();
    await visitor.button('I have read it').waitFor();
    await look(visitor, 'reloaded');
  });

  test('exporting, and looking into files', async () => {
    const { here } = place;
    const visitor = await place.open();
    const { page } = visitor;
    await visitor.tab('Export');
    await look(visitor, 'export-unconnected');
    await visitor.tab('Connect');
    await visitor.askFor('Source', 'prod');
    await visitor.button('Export tables').click();
    await page.getByRole('combobox', { name: 'Database to export from' }).fill('shop');
    await page.getByRole('option', { name: /^shop/ }).click();
    await page.getByText('Downloads', { exact: true }).click();
    await page.getByLabel('From, in UTC').fill('2020-01-01T00:00:00');
    for (const table of ['customers', 'orders', 'page_views']) await page.getByLabel(table).check();
    await page.getByText('Ready: 3 files.').waitFor();
    await look(visitor, 'export-plan');
    await page.getByText('The result of SQL', { exact: true }).click();
    await page.getByText('More options').click();
    await look(visitor, 'export-sql');
    await page.getByText('Tables', { exact: true }).click();

    here.fail(
      { path: '/v3/job/result', times: 1, action: { type: 'delay', ms: 3000 } },
      { path: 'customers', action: { type: 'job_fails', message: 'Query failed: out of memory' } },
    );
    await page.getByText('Ready: 3 files.').waitFor();
    await visitor.button('Start the export').click();
    await page.getByText('exporting', { exact: true }).first().waitFor();
    await look(visitor, 'export-run');
    await ended(visitor, '1 table failed');
    await visitor.button('Look inside').first().click();
    await visitor.part('Inside the file').waitFor();
    await look(visitor, 'export-ended');
  });
});
