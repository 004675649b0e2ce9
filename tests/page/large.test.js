import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSeed } from '../support/index.js';
import { pageFixture } from './support.js';

/** @import { Visitor } from './support.js' */

/** More than any known database has. */
const TABLES = 10_000;
/** How many tables of one inspection petit checks for a partitioning: the largest. */
const MAX_CHECKS = 200;
const tableCount = TABLES.toLocaleString('en-US');
const last = `events_${String(TABLES - 1).padStart(5, '0')}`;
/** The maximum number of elements in the document. Rows that are out of sight must not be in it. */
const MAX_ELEMENTS = 1_000;

/** The maximum average time that the page's thread works per step, in seconds. Longer delays are noticeable. */
const MAX_SECONDS_PER_STEP = 0.05;
/** The keys pressed and fields filled during the measurement. */
const STEPS = 15;

const fixture = pageFixture(readSeed('clone-shop'));

/** A list of tables as TD returns it. The emulator would take too long to create so many. */
const listedTables = Array.from({ length: TABLES }, (_, index) => ({
  id: index,
  name: `events_${String(index).padStart(5, '0')}`,
  type: 'log',
  count: index * 1000,
  estimated_storage_size: index * 5000,
  schema: '[["id","long"],["name","string"]]',
}));

/** @param {Visitor} visitor */
const countElements = ({ page }) => page.evaluate(() => document.querySelectorAll('*').length);

/**
 * Measures the CPU time of the page's thread, in seconds. Unlike wall clock time, it does not depend on other processes.
 * @param {Visitor} visitor
 */
async function startCpuMeter({ page }) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    const { value } = metrics.find(({ name }) => name === 'TaskDuration') ?? { value: Number.NaN };
    return value;
  };
}

describe('a database of thousands of tables', () => {
  test('is planned, listed, scrolled and filtered without delays', async () => {
    fixture.env.fail(
      {
        path: '^/v3/table/list/shop\\?',
        account: 'prod',
        times: -1,
        action: { type: 'patch', set: { tables: listedTables } },
      },
      { path: '^/v3/table/distribution/', times: -1, action: { type: 'status', status: 404 } },
    );
    const visitor = await fixture.open();
    await visitor.connect();
    await visitor.plan('shop', { copy: 'copy' });
    // The plan is shown before the partitioning of every table is known.
    await visitor.waitForReadiness('Checking the partitioning of each table');
    // Another name restarts the inspection.
    await visitor.page.getByLabel('Name of the copy').fill('copy_2');
    await visitor.waitForReadiness('Reading both databases');
    await visitor.waitForReadiness('Checking the partitioning of each table');
    assert.ok((await countElements(visitor)) < MAX_ELEMENTS, `${await countElements(visitor)} elements`);

    const list = visitor.page.getByRole('region', { name: 'Tables of the plan' });
    const cpuSeconds = await startCpuMeter(visitor);
    const before = await cpuSeconds();
    await list.focus();
    await visitor.page.keyboard.press('End');
    await list.getByText('events_00000', { exact: true }).waitFor();
    assert.equal(
      await list.locator('tr', { hasText: 'events_00000' }).getAttribute('aria-rowindex'),
      String(TABLES + 1),
    );
    await visitor.page.keyboard.press('Home');
    await list.getByText(last, { exact: true }).waitFor();
    const filter = visitor.page.getByLabel('Filter the tables by name');
    await filter.pressSequentially('events_01');
    await visitor.page.getByText(/, 1,000 shown$/).waitFor();
    await filter.pressSequentially('123');
    await visitor.page.getByText(/, 1 shown$/).waitFor();
    assert.deepEqual(
      (await visitor.rows('Tables of the plan')).map(([, name]) => name),
      ['events_01123'],
    );
    await filter.fill('');
    await list.getByText(last, { exact: true }).waitFor();
    assert.ok((await countElements(visitor)) < MAX_ELEMENTS, `${await countElements(visitor)} elements`);
    const perStep = ((await cpuSeconds()) - before) / STEPS;
    assert.ok(perStep < MAX_SECONDS_PER_STEP, `a step takes ${perStep} s of CPU time`);

    await visitor.page
      .locator('#readiness', { hasText: `copy ${tableCount} tables` })
      .waitFor({ timeout: 300_000 });
    const layoutRequests = fixture.env
      .requests()
      .filter((request) => request.includes('/table/distribution/'));
    assert.ok(
      layoutRequests.length >= MAX_CHECKS && layoutRequests.length <= 2 * MAX_CHECKS,
      `${layoutRequests.length} requests for the partitioning`,
    );
    const beforePlan = await cpuSeconds();
    await visitor.page.getByText('Skip them', { exact: true }).click();
    await visitor.waitForReadiness(`copy ${tableCount} tables`);
    const replanned = (await cpuSeconds()) - beforePlan;
    assert.ok(replanned < 4 * MAX_SECONDS_PER_STEP, `a new plan takes ${replanned} s of CPU time`);
    await visitor.assertClean();
  });
});
