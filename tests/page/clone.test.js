import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, test } from 'node:test';
import { readSeed } from '../support/index.js';
import { pageSurroundings } from './support.js';

/** @import { Visitor } from './support.js' */

const place = pageSurroundings(readSeed('clone-shop'));
const { clones } = place;

afterEach(async () => {
  for (const name of await clones.destination.databases()) {
    if (name !== 'archive') await clones.destination.drop(name);
  }
});

/** Somebody who has connected both accounts and planned. @param {Parameters<Visitor['plan']>} wanted */
async function planner(...wanted) {
  const visitor = await place.open();
  await visitor.connect();
  await visitor.plan(...wanted);
  return visitor;
}

/** @param {Visitor} visitor */
const outcome = (visitor) => visitor.part('Outcome');

/** @param {Visitor} visitor @param {string} title */
async function ended(visitor, title) {
  await outcome(visitor).getByRole('heading', { name: title }).waitFor();
}

/** How each table ended. @param {Visitor} visitor */
async function states(visitor) {
  const rows = await visitor.rows('Tables of the run');
  return Object.fromEntries(rows.map(([state, table]) => [table, state]));
}

/** @param {Visitor} visitor @returns {Promise<any>} the report, as it is downloaded */
async function report(visitor) {
  const download = visitor.page.waitForEvent('download');
  await visitor.button('Download report').click();
  const file = await (await download).path();
  return JSON.parse(await readFile(file, 'utf8'));
}

describe('a clone by the page', () => {
  test('is planned, run, verified and reported', async () => {
    const visitor = await planner('shop', { copy: 'shop_copy' });
    await visitor.ready(/^Ready: copies \d+ tables/);
    const planned = await visitor.rows('Tables of the plan');
    const tables = await clones.source.tableNames('shop');
    assert.deepEqual(planned.map(([, table]) => table).sort(), tables);
    assert.ok(planned.every(([action]) => action === 'Create'));
    await visitor.page.getByText('The database shop_copy will be created').waitFor();
    assert.deepEqual(await clones.destination.databases(), ['archive'], 'a plan writes nothing');

    await visitor.button('Start the clone').click();
    await ended(visitor, 'Complete');
    assert.deepEqual(new Set(Object.values(await states(visitor))), new Set(['Verified']));
    await clones.assertEqual('shop', 'shop_copy');
    await clones.assertNoLeftovers('shop_copy');
    const { tables: reported, errors, state } = await report(visitor);
    assert.deepEqual(reported.map((/** @type {any} */ { table }) => table).sort(), tables);
    assert.deepEqual([errors, state], [[], 'ended']);
    await visitor.assertClean();
  });

  test('does not start while tables are in the way; leaves them when told to', async () => {
    await clones.inProcess({ database: 'shop', tables: ['customers'] });
    const visitor = await planner('shop');
    await visitor.ready('1 in the way: resolve that first.');
    assert.ok(await visitor.button('Start the clone').isDisabled());
    await visitor.page.getByRole('heading', { name: '1 table cannot be copied' }).waitFor();

    await visitor.page.getByText('Leave them', { exact: true }).click();
    await visitor.ready(/^Ready: copies/);
    const before = await clones.destination.contents('shop', 'customers');
    await visitor.button('Start the clone').click();
    await ended(visitor, 'Complete');
    assert.equal((await states(visitor)).customers, 'Left');
    assert.deepEqual(await clones.destination.contents('shop', 'customers'), before);
    await clones.assertEqual('shop', 'shop');
    await visitor.assertClean();
  });

  test('replaces tables once the name of their database was typed', async () => {
    await clones.inProcess({ database: 'shop', tables: ['customers', 'visits'] });
    const visitor = await planner('shop', { existing: 'Replace them' });
    await visitor.page
      .getByRole('heading', { name: 'Data loss: 2 tables of the destination will be replaced' })
      .waitFor();
    const rows = await visitor.rows('Tables of the plan');
    assert.deepEqual(
      rows
        .filter(([action]) => action === 'Overwrite')
        .map(([, table]) => table)
        .sort(),
      ['customers', 'visits'],
    );

    await visitor.button('Start the clone').click();
    const confirm = visitor.button('Replace and start');
    await visitor.page.getByLabel(/Type the name/).fill('shopp');
    assert.ok(await confirm.isDisabled());
    await visitor.page.keyboard.press('Escape');
    await confirm.waitFor({ state: 'detached' });
    await visitor.button('Start the clone').click();
    await visitor.page.getByLabel(/Type the name/).fill('shop');
    await visitor.page.keyboard.press('Enter');
    await ended(visitor, 'Complete');
    await clones.assertEqual('shop', 'shop');
    await visitor.assertClean();
  });

  test('tells why a table failed, and tries only that one again', async () => {
    place.here.fail({ path: 'customers', action: { type: 'job_fails', message: 'Query failed: no worker' } });
    const visitor = await planner('shop', { copy: 'again' });
    await visitor.button('Start the clone').click();
    await ended(visitor, '1 table failed');
    const failure = visitor.page.getByRole('list', { name: 'What failed, and why' });
    assert.match(await failure.innerText(), /customers[\s\S]*Query failed: no worker/);
    const failed = await report(visitor);
    assert.deepEqual(
      failed.errors.map((/** @type {any} */ { table, code }) => [table, code]),
      [['customers', 'job_failed']],
    );
    assert.ok(!(await clones.destination.tableNames('again')).includes('customers'));

    const before = place.here.requests().length;
    await visitor.button('Retry 1 failed').click();
    await ended(visitor, 'Complete');
    const created = place.here
      .requests()
      .slice(before)
      .filter((request) => request.startsWith('POST /v3/table/rename/'));
    assert.equal(created.length, 1, 'only one table was published');
    await clones.assertEqual('shop', 'again');
    const whole = await report(visitor);
    assert.equal(whole.tables.length, (await clones.source.tableNames('shop')).length);
    await visitor.assertClean();
  });

  test('stops when told to, half-way, and goes on with what is missing', async () => {
    place.here.fail({ path: '/v3/table/rename/', skip: 1, action: { type: 'delay', ms: 60_000 } });
    const visitor = await planner('shop', { copy: 'halved' });
    await visitor.page.getByText('Speed and memory').click();
    await visitor.page.getByLabel('Tables at a time').fill('1');
    await visitor.button('Start the clone').click();
    await visitor.page.getByText('publishing', { exact: true }).waitFor();
    await visitor.part('Tables').getByRole('button', { name: 'Verified 1' }).waitFor();
    await visitor.button('Cancel').click();
    await visitor.page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await ended(visitor, 'Stopped');
    const tables = await clones.destination.tableNames('halved');
    assert.equal(tables.length, 1);
    await clones.assertNoLeftovers('halved');
    assert.equal((await report(visitor)).state, 'stopped');

    await visitor.button(/^Copy \d+ missing$/).click();
    await ended(visitor, 'Complete');
    await clones.assertEqual('shop', 'halved');
    await visitor.assertClean();
  });

  test('asks before the page is left, and a reload tells what became of it', async () => {
    place.here.fail({ path: '/v3/table/rename/', skip: 1, times: -1, action: { type: 'delay', ms: 60_000 } });
    const visitor = await planner('shop', { copy: 'left_early' });
    await visitor.button('Start the clone').click();
    await visitor.part('Tables').getByRole('button', { name: 'Verified 1' }).waitFor();
    /** @type {string[]} */
    const asked = [];
    visitor.page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      dialog.accept();
    });
    await visitor.page.reload();
    assert.deepEqual(asked, ['beforeunload']);
    const told = visitor.page.getByRole('heading', { name: /clone of shop to left_early stopped/ });
    await told.waitFor();
    await visitor.page.getByText(/By then 1 of its \d+ tables were copied/).waitFor();
    await visitor.button('I have read it').click();
    await told.waitFor({ state: 'detached' });
    await visitor.page.reload();
    assert.equal(await told.count(), 0, 'it is told once');
    assert.deepEqual(asked, ['beforeunload'], 'nothing is lost by leaving now');
    await visitor.assertClean();
  });

  test('shows why the destination refuses, before a plan and in a run', async () => {
    const visitor = await place.open();
    await visitor.askFor('Source', 'prod');
    await visitor.askFor('Destination', 'mirror', 'query_only');
    await visitor.page.getByText('Both accounts are connected.').waitFor();
    await visitor.plan('shop', { copy: 'refused' });
    const refusal = visitor.page.getByText(/^Authentication failed for destination table/);
    await refusal.waitFor();
    assert.ok(await visitor.button('Start the clone').isDisabled());

    await visitor.tab('Connect');
    await visitor.askFor('Destination', 'mirror');
    await visitor.page.getByText('Both accounts are connected.').waitFor();
    await visitor.tab('Clone');
    await visitor.ready(/^Ready/);
    place.here.fail({ path: '/v3/table/create', action: { type: 'status', status: 403 } });
    await visitor.button('Start the clone').click();
    await outcome(visitor).locator(refusal).waitFor();
    await visitor.button('Back to the plan').click();
    await visitor.ready(/^Ready/);
    await visitor.assertClean({ except: /status of 403/ });
  });
});
