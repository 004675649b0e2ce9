import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSeed } from '../support/index.js';
import { pageSurroundings } from './support.js';

/** @import { Visitor } from './support.js' */

/** As many as anybody has. */
const TABLES = 10_000;
const shown = TABLES.toLocaleString('en-US');
const last = `events_${String(TABLES - 1).padStart(5, '0')}`;
/** Most elements of the whole page, with room for all but the tables that are out of sight. */
const MOST_ELEMENTS = 1_000;

/** What a step may take the page's thread on average, before it is felt. */
const MOST_SECONDS = 0.05;
/** Keys pressed and fields filled between the two looks at the meter. */
const STEPS = 15;

const place = pageSurroundings(readSeed('clone-shop'));

/** As the emulator lists tables, which it cannot hold so many of in a test's time. */
const listed = Array.from({ length: TABLES }, (_, index) => ({
  id: index,
  name: `events_${String(index).padStart(5, '0')}`,
  type: 'log',
  count: index * 1000,
  estimated_storage_size: index * 5000,
  schema: '[["id","long"],["name","string"]]',
}));

/** @param {Visitor} visitor */
const elements = ({ page }) => page.evaluate(() => document.querySelectorAll('*').length);

/**
 * Seconds that the page's own thread has worked: not those it waited for a busy machine.
 * @param {Visitor} visitor
 */
async function workMeter({ page }) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    const { value } = metrics.find(({ name }) => name === 'TaskDuration') ?? { value: Number.NaN };
    return value;
  };
}

describe('a database of thousands of tables', () => {
  test('is planned, listed, scrolled and filtered without a stop', async () => {
    place.here.fail(
      {
        path: '^/v3/table/list/shop\\?',
        account: 'prod',
        times: -1,
        action: { type: 'patch', set: { tables: listed } },
      },
      { path: '^/v3/table/distribution/', times: -1, action: { type: 'status', status: 404 } },
    );
    const visitor = await place.open();
    await visitor.connect();
    await visitor.plan('shop', { copy: 'copy' });
    // The plan is there before every table's layout is known, and can be read meanwhile.
    await visitor.ready('Looking at how each table is laid out');
    // Another name is another look, and ends this one.
    await visitor.page.getByLabel('Name of the copy').fill('copy_2');
    await visitor.ready('Looking at both sides');
    await visitor.ready('Looking at how each table is laid out');
    assert.ok((await elements(visitor)) < MOST_ELEMENTS, `${await elements(visitor)} elements`);

    const list = visitor.page.getByRole('region', { name: 'Tables of the plan' });
    const worked = await workMeter(visitor);
    const before = await worked();
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
    await visitor.page.getByText(`1,000 of ${shown}`).waitFor();
    await filter.pressSequentially('123');
    await visitor.page.getByText(`1 of ${shown}`).waitFor();
    assert.deepEqual(
      (await visitor.rows('Tables of the plan')).map(([, name]) => name),
      ['events_01123'],
    );
    await filter.fill('');
    await list.getByText(last, { exact: true }).waitFor();
    assert.ok((await elements(visitor)) < MOST_ELEMENTS, `${await elements(visitor)} elements`);
    const perStep = ((await worked()) - before) / STEPS;
    assert.ok(perStep < MOST_SECONDS, `a step takes the page ${perStep} s`);

    await visitor.page
      .locator('#readiness', { hasText: `copies ${shown} tables` })
      .waitFor({ timeout: 300_000 });
    const looks = place.here.requests().filter((request) => request.includes('/table/distribution/'));
    assert.ok(
      looks.length >= TABLES && looks.length < 1.5 * TABLES,
      `${looks.length} layouts were asked for`,
    );
    const beforePlan = await worked();
    await visitor.page.getByText('Leave them', { exact: true }).click();
    await visitor.ready(`copies ${shown} tables`);
    const replanned = (await worked()) - beforePlan;
    assert.ok(replanned < 4 * MOST_SECONDS, `a new plan takes the page ${replanned} s`);
    await visitor.assertClean();
  });
});
