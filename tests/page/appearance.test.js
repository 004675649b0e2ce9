import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServe } from '../support/serve.js';
import { pageFixture } from './support.js';

/** @import { Visitor } from './support.js' */
/** @import { Seed } from '../support/index.js' */

/** @type {Seed} */
const SEED = JSON.parse(readFileSync(new URL('../emulator/seed.json', import.meta.url), 'utf8'));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Screenshots for reviewers. */
const SCREENSHOTS = fileURLToPath(new URL('./screenshots/', import.meta.url));
const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };
const SCHEMES = /** @type {const} */ (['light', 'dark']);

const fixture = pageFixture(SEED, 'backup');
const { clones } = fixture;
before(() => mkdir(SCREENSHOTS, { recursive: true }));

/**
 * Takes screenshots of the page, light and dark, wide and narrow, and checks its accessibility with axe.
 * @param {Visitor} visitor
 * @param {string} name
 */
async function capture({ page }, name) {
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      assert.ok(await fitsWidth(page), `${name} is wider than a window of ${viewport.width} px`);
      await page.setViewportSize({ ...viewport, height: await fullHeight(page, viewport.height) });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${size}-${scheme}.png`) });
    }
    assert.deepEqual(await violations(page), [], `${name}, ${scheme}`);
  }
  await page.setViewportSize(SIZES.wide);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The height of the whole page.
 * @param {import('playwright-core').Page} page
 * @param {number} min */
const fullHeight = (page, min) =>
  page.evaluate((min) => Math.max(min, document.documentElement.scrollHeight), min);

/** @param {import('playwright-core').Page} page */
const fitsWidth = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

/**
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>} axe's findings
 */
async function violations(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate(() => /** @type {any} */ (window).axe.run());
  return result.violations.flatMap((/** @type {any} */ { id, nodes }) =>
    nodes.map((/** @type {any} */ { html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
  );
}

/** @param {Visitor} visitor @param {string} title */
const waitForOutcome = (visitor, title) =>
  visitor.region('Outcome').getByRole('heading', { name: title, exact: true }).waitFor();

describe('the appearance of the page', () => {
  test('connecting', async () => {
    const visitor = await fixture.open();
    await capture(visitor, 'connect');
    await visitor.tab('Clone');
    await capture(visitor, 'clone-unconnected');
    await visitor.tab('Connect');
    await visitor.connectAccount('Source', 'prod');
    await visitor.page.getByText('Prod Admin').first().waitFor();
    await visitor.region('Destination').getByLabel('Site').selectOption('custom');
    await visitor.region('Destination').getByLabel('Endpoint').fill(fixture.emulator.url('backup'));
    await visitor.region('Destination').getByLabel('API key').fill('2/mistyped');
    await visitor.region('Destination').getByRole('button', { name: 'Connect' }).click();
    await visitor.page.getByText('Not connected', { exact: true }).waitFor();
    await capture(visitor, 'connect-failed');
    await visitor.connectAccount('Destination', 'backup');
    await visitor.page.getByText('Both accounts are connected.').waitFor();
    await capture(visitor, 'connected');
  });

  test('planning', async () => {
    await clones.inProcess({ database: 'shop', tables: ['customers', 'orders', 'web_logs'] });
    const visitor = await fixture.open();
    await visitor.connect();
    await visitor.tab('Clone');
    await capture(visitor, 'clone-begin');
    await visitor.page.getByRole('combobox', { name: 'Database to clone' }).click();
    await capture(visitor, 'clone-choose');
    await visitor.plan('shop');
    await visitor.waitForReadiness(/conflict/);
    await capture(visitor, 'plan-errors');
    await visitor.page.getByText('Overwrite them', { exact: true }).click();
    await visitor.waitForReadiness(/^Ready/);
    await capture(visitor, 'plan-overwrite');
    await visitor.button('Start the clone').click();
    await visitor.page.getByRole('dialog').waitFor();
    await capture(visitor, 'plan-confirm');
    await visitor.button('Cancel').click();
    await visitor.plan('shop', { copy: 'shop_eu' });
    await visitor.page.getByText('The database shop_eu will be created').waitFor();
    await capture(visitor, 'plan');
  });

  test('running', async () => {
    const { env } = fixture;
    // page_views is downloaded in part, or at least not published yet.
    env.fail(
      { path: '/v3/job/result/', times: -1, action: { type: 'stall', afterBytes: 2_500_000, ms: 120_000 } },
      { path: '/v3/table/rename/.*/page_views', action: { type: 'delay', ms: 120_000 } },
    );
    const visitor = await fixture.open();
    await visitor.connect();
    await visitor.plan('shop', { copy: 'shop_copy' });
    await visitor.button('Start the clone').click();
    await visitor.region('Tables').getByRole('button', { name: 'Copying 1' }).waitFor();
    await visitor.region('Tables').getByRole('button', { name: 'Verified 4' }).waitFor();
    await capture(visitor, 'run');
    await visitor.button('Cancel').click();
    await capture(visitor, 'run-cancel');
    await visitor.page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await waitForOutcome(visitor, 'Stopped');
    await capture(visitor, 'stopped');
    env.emulator.faults.clear();
    const message = 'Query failed: the cluster is out of memory';
    env.fail({ path: 'page_views', action: { type: 'job_fails', message } });
    await visitor.button('Copy 1 missing').click();
    await waitForOutcome(visitor, '1 table failed');
    await capture(visitor, 'failed');
    await visitor.button('Retry 1 failed').click();
    await waitForOutcome(visitor, 'Complete');
    await capture(visitor, 'complete');
    await visitor.page.reload();
    await visitor.button('Dismiss').waitFor();
    await capture(visitor, 'reloaded');
  });

  test('exporting and viewing files', async () => {
    const { env } = fixture;
    const visitor = await fixture.open();
    const { page } = visitor;
    await visitor.tab('Export');
    await capture(visitor, 'export-unconnected');
    await visitor.tab('Connect');
    await visitor.connectAccount('Source', 'prod');
    await visitor.button('Export tables').click();
    await page.getByRole('combobox', { name: 'Database to export' }).fill('shop');
    await page.getByRole('option', { name: /^shop/ }).click();
    await page.getByText('Downloads', { exact: true }).click();
    await page.getByLabel('From (UTC)').fill('2020-01-01T00:00:00');
    for (const table of ['customers', 'orders', 'page_views']) await page.getByLabel(table).check();
    await page.getByText('Ready to export 3 files.').waitFor();
    await capture(visitor, 'export-plan');
    await page.getByText('Query result', { exact: true }).click();
    await page.getByText('More options').click();
    await page.locator('.cm-content').fill('SELECT nope FROM customers');
    await visitor.button('First 100 rows').click();
    await page.getByText('The query failed', { exact: true }).waitFor();
    await capture(visitor, 'export-sql-failed');
    await page.locator('.cm-content').fill('SELECT * FROM customers');
    await visitor.button('First 100 rows').click();
    await visitor.region('Values').waitFor();
    await capture(visitor, 'export-sql');
    await page.getByText('Tables', { exact: true }).click();

    env.fail(
      { path: '/v3/job/result', times: 1, action: { type: 'delay', ms: 3000 } },
      { path: 'customers', action: { type: 'job_fails', message: 'Query failed: out of memory' } },
    );
    await page.getByText('Ready to export 3 files.').waitFor();
    // The browser asks the user about the download.
    await page.evaluate(() => {
      Object.assign(window, { click: HTMLAnchorElement.prototype.click });
      HTMLAnchorElement.prototype.click = () => {};
    });
    await visitor.button('Start the export').click();
    await page
      .getByText(/^exporting/)
      .first()
      .waitFor();
    await capture(visitor, 'export-run');
    await waitForOutcome(visitor, '1 table failed');
    await visitor.button('View contents').first().click();
    await visitor.region('File contents').waitFor();
    await capture(visitor, 'export-ended');
    await page.evaluate(() => {
      HTMLAnchorElement.prototype.click = /** @type {any} */ (window).click;
    });
    await visitor.button('Download again').click();
    await page.getByText('Downloaded', { exact: true }).nth(1).waitFor();
    await capture(visitor, 'export-downloaded');
  });

  test('the entrance, and a lost server', async () => {
    const visitor = await fixture.open();
    await visitor.page.getByRole('heading', { name: 'Connect your accounts' }).waitFor();
    await fixture.stopServe();
    await visitor.page.getByRole('heading', { name: 'petit serve has ended' }).waitFor();
    await capture(visitor, 'serve-ended');
    const server = await startServe(fixture.env);
    await visitor.page.goto(server.origin);
    await visitor.page.getByRole('heading', { name: 'This page of petit is private' }).waitFor();
    await capture(visitor, 'private');
    await server.stop();
  });
});
