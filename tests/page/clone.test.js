import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, test } from 'node:test';
import { readSeed } from '../support/index.js';
import { pageFixture } from './support.js';

/** @import { Visitor } from './support.js' */

const fixture = pageFixture(readSeed('clone-shop'));
const { clones } = fixture;

afterEach(async () => {
  for (const name of await clones.destination.databases()) {
    if (name !== 'archive') await clones.destination.drop(name);
  }
});

/** A user who has connected both accounts and planned a clone. @param {Parameters<Visitor['plan']>} args */
async function planClone(...args) {
  const visitor = await fixture.open();
  await visitor.connect();
  await visitor.plan(...args);
  return visitor;
}

/** @param {Visitor} visitor */
const outcome = (visitor) => visitor.region('Outcome');

/** @param {Visitor} visitor @param {string} title */
async function waitForOutcome(visitor, title) {
  await outcome(visitor).getByRole('heading', { name: title }).waitFor();
}

/** The state of each table. @param {Visitor} visitor */
async function states(visitor) {
  const rows = await visitor.rows('Tables of the run');
  return Object.fromEntries(rows.map(([state, table]) => [table, state]));
}

/** @param {Visitor} visitor @returns {Promise<any>} the downloaded report */
async function report(visitor) {
  const download = visitor.page.waitForEvent('download');
  await visitor.button('Download report').click();
  const file = await (await download).path();
  return JSON.parse(await readFile(file, 'utf8'));
}

describe('a clone in the page', () => {
  test('is planned, run, verified and reported', async () => {
    const visitor = await planClone('shop', { copy: 'shop_copy' });
    await visitor.waitForReadiness(/^Ready to copy \d+ tables/);
    const planned = await visitor.rows('Tables of the plan');
    const tables = await clones.source.tableNames('shop');
    assert.deepEqual(planned.map(([, table]) => table).sort(), tables);
    assert.ok(planned.every(([action]) => action === 'Create'));
    await visitor.page.getByText('The database shop_copy will be created').waitFor();
    assert.deepEqual(await clones.destination.databases(), ['archive'], 'a plan writes nothing');

    await visitor.button('Start the clone').click();
    await waitForOutcome(visitor, 'Complete');
    assert.deepEqual(new Set(Object.values(await states(visitor))), new Set(['Verified']));
    await clones.assertEqual('shop', 'shop_copy');
    await clones.assertNoLeftovers('shop_copy');
    const { tables: reported, errors, state } = await report(visitor);
    assert.deepEqual(reported.map((/** @type {any} */ { table }) => table).sort(), tables);
    assert.deepEqual([errors, state], [[], 'ended']);
    await visitor.assertClean();
  });

  test('copies only the chosen tables, and a filter is no choice', async () => {
    const visitor = await planClone('shop', { copy: 'shop_copy' });
    await visitor.waitForReadiness(/^Ready to copy 4 tables/);
    await visitor.page.getByLabel('Filter the tables by name').fill('order');
    await visitor.page.getByText('4 of 4 chosen, 1 shown').waitFor();
    await visitor.page.getByRole('button', { name: 'Start the clone of 4 tables' }).waitFor();
    await visitor.page.getByLabel('Filter the tables by name').fill('');
    await visitor.button('Choose none').click();
    await visitor.waitForReadiness(/^There is nothing to copy/);
    await visitor.page.getByRole('checkbox', { name: 'orders' }).check();
    await visitor.page.getByRole('checkbox', { name: 'returns' }).check();
    await visitor.waitForReadiness(/^Ready to copy 2 tables, .* 2 tables not chosen\.$/);
    await visitor.page.getByRole('button', { name: 'Start the clone of 2 tables' }).click();
    await waitForOutcome(visitor, 'Complete');
    assert.deepEqual(await clones.destination.tableNames('shop_copy'), ['orders', 'returns']);
    await visitor.assertClean();
  });

  test('does not start while tables exist, and skips them on request', async () => {
    await clones.inProcess({ database: 'shop', tables: ['customers'] });
    const visitor = await planClone('shop');
    await visitor.waitForReadiness('1 conflict. Resolve it first.');
    assert.ok(await visitor.button('Start the clone').isDisabled());
    await visitor.page.getByRole('heading', { name: '1 table cannot be copied' }).waitFor();

    await visitor.page.getByText('Skip them', { exact: true }).click();
    await visitor.waitForReadiness(/^Ready to copy/);
    const before = await clones.destination.contents('shop', 'customers');
    await visitor.button('Start the clone').click();
    await waitForOutcome(visitor, 'Complete');
    assert.equal((await states(visitor)).customers, 'Skipped');
    assert.deepEqual(await clones.destination.contents('shop', 'customers'), before);
    await clones.assertEqual('shop', 'shop');
    await visitor.assertClean();
  });

  test('updates tables: shows the ranges of time that differ, and copies only these', async () => {
    await clones.inProcess({ database: 'shop', tables: ['customers', 'returns'] });
    // 2019-12-23
    const added = await clones.source.query(
      'shop',
      'INSERT INTO customers (id, time) VALUES (77, 1577059200)',
    );
    assert.equal(added.status, 'success', added.debug?.stderr);
    const visitor = await planClone('shop', { existing: 'Update them' });
    await visitor.waitForReadiness(/^Ready to copy 3 tables/);
    const actions = async () =>
      Object.fromEntries(
        (await visitor.rows('Tables of the plan')).map(([action, table]) => [table, action]),
      );
    assert.deepEqual(await actions(), {
      ...{ orders: 'Create', visits: 'Create', customers: 'Append', returns: 'Skip' },
    });
    await visitor.page.getByRole('heading', { name: 'Ranges of time that will be copied' }).waitFor();
    await visitor.page
      .getByText('customers, 2019-12-23: 1 row in the source, 0 in the destination', { exact: true })
      .waitFor();
    await visitor.page.getByText('To append to', { exact: true }).waitFor();
    await visitor.button('Start the clone of 3 tables').click();
    await waitForOutcome(visitor, 'Complete');
    await clones.assertEqual('shop', 'shop');
    const { tables } = await report(visitor);
    const appended = tables.find((/** @type {any} */ { table }) => table === 'customers');
    assert.deepEqual([appended.action, appended.rows], ['append', 1]);

    await visitor.button('Back to the plan').click();
    await visitor.waitForReadiness(/^There is nothing to copy/);
    assert.deepEqual(new Set(Object.values(await actions())), new Set(['Skip']));
    await visitor.assertClean();
  });

  test('overwrites tables after the user has typed the name of their database', async () => {
    await clones.inProcess({ database: 'shop', tables: ['customers', 'visits'] });
    const visitor = await planClone('shop', { existing: 'Overwrite them' });
    await visitor.page
      .getByRole('heading', { name: 'Data loss: 2 tables in the destination will be overwritten' })
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
    const confirm = visitor.button('Overwrite and start');
    await visitor.page.getByLabel(/type the name/).fill('shopp');
    assert.ok(await confirm.isDisabled());
    await visitor.page.keyboard.press('Escape');
    await confirm.waitFor({ state: 'detached' });
    await visitor.button('Start the clone').click();
    await visitor.page.getByLabel(/type the name/).fill('shop');
    await visitor.page.keyboard.press('Enter');
    await waitForOutcome(visitor, 'Complete');
    await clones.assertEqual('shop', 'shop');
    await visitor.assertClean();
  });

  test('shows why a table failed, and retries only that table', async () => {
    fixture.env.fail({
      path: 'customers',
      action: { type: 'job_fails', message: 'Query failed: no worker' },
    });
    const visitor = await planClone('shop', { copy: 'again' });
    await visitor.button('Start the clone').click();
    await waitForOutcome(visitor, '1 table failed');
    const failure = visitor.page.getByRole('list', { name: 'Failed tables' });
    assert.match(await failure.innerText(), /customers[\s\S]*Query failed: no worker/);
    const failed = await report(visitor);
    assert.deepEqual(
      failed.errors.map((/** @type {any} */ { table, code }) => [table, code]),
      [['customers', 'job_failed']],
    );
    assert.ok(!(await clones.destination.tableNames('again')).includes('customers'));

    const before = fixture.env.requests().length;
    await visitor.button('Retry 1 failed').click();
    await waitForOutcome(visitor, 'Complete');
    const created = fixture.env
      .requests()
      .slice(before)
      .filter((request) => request.startsWith('POST /v3/table/rename/'));
    assert.equal(created.length, 1, 'only one table was published');
    await clones.assertEqual('shop', 'again');
    const whole = await report(visitor);
    assert.equal(whole.tables.length, (await clones.source.tableNames('shop')).length);
    await visitor.assertClean();
  });

  test('stops on request, then copies the missing tables', async () => {
    fixture.env.fail({ path: '/v3/table/rename/', skip: 1, action: { type: 'delay', ms: 60_000 } });
    const visitor = await planClone('shop', { copy: 'halved' });
    await visitor.page.getByText('Speed and memory').click();
    await visitor.page.getByLabel('Parallel tables').fill('1');
    await visitor.button('Start the clone').click();
    await visitor.page.getByText(/^publishing · job/).waitFor();
    await visitor.region('Tables').getByRole('button', { name: 'Verified 1' }).waitFor();
    await visitor.button('Cancel').click();
    await visitor.page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await waitForOutcome(visitor, 'Stopped');
    const tables = await clones.destination.tableNames('halved');
    assert.equal(tables.length, 1);
    await clones.assertNoLeftovers('halved');
    assert.equal((await report(visitor)).state, 'stopped');

    await visitor.button(/^Copy \d+ missing$/).click();
    await waitForOutcome(visitor, 'Complete');
    await clones.assertEqual('shop', 'halved');
    await visitor.assertClean();
  });

  test('asks before the page is left, and shows a notice after a reload', async () => {
    fixture.env.fail({
      path: '/v3/table/rename/',
      skip: 1,
      times: -1,
      action: { type: 'delay', ms: 60_000 },
    });
    const visitor = await planClone('shop', { copy: 'left_early' });
    await visitor.button('Start the clone').click();
    await visitor.region('Tables').getByRole('button', { name: 'Verified 1' }).waitFor();
    /** @type {string[]} */
    const dialogs = [];
    visitor.page.on('dialog', (dialog) => {
      dialogs.push(dialog.type());
      dialog.accept();
    });
    await visitor.page.reload();
    assert.deepEqual(dialogs, ['beforeunload']);
    const notice = visitor.page.getByRole('heading', { name: /clone of shop to left_early stopped/ });
    await notice.waitFor();
    await visitor.page.getByText(/Until then, 1 of \d+ tables were copied/).waitFor();
    await visitor.button('Dismiss').click();
    await notice.waitFor({ state: 'detached' });
    await visitor.page.reload();
    assert.equal(await notice.count(), 0, 'the notice is shown once');
    assert.deepEqual(dialogs, ['beforeunload'], 'leaving the page now loses nothing');
    await visitor.assertClean();
  });

  test('shows why the destination denies access, before a plan and in a run', async () => {
    const visitor = await fixture.open();
    await visitor.connectAccount('Source', 'prod');
    await visitor.connectAccount('Destination', 'mirror', 'query_only');
    await visitor.page.getByText('Both accounts are connected.').waitFor();
    await visitor.plan('shop', { copy: 'refused' });
    const denial = visitor.page.getByText(/^Access to the destination is forbidden/);
    await denial.waitFor();
    assert.ok(await visitor.button('Start the clone').isDisabled());

    await visitor.tab('Connect');
    await visitor.connectAccount('Destination', 'mirror');
    await visitor.page.getByText('Both accounts are connected.').waitFor();
    await visitor.tab('Clone');
    await visitor.waitForReadiness(/^Ready/);
    fixture.env.fail({ path: '/v3/table/create', action: { type: 'status', status: 403 } });
    await visitor.button('Start the clone').click();
    await outcome(visitor).locator(denial).waitFor();
    await visitor.button('Back to the plan').click();
    await visitor.waitForReadiness(/^Ready/);
    await visitor.assertClean({ except: /status of 403/ });
  });
});
