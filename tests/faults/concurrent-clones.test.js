import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Clones, onRequest } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

// Two parallel runs into one database.

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const QUICK = ['--workers', '0', '--json'];

/** @param {string} stdout */
const errorsOf = (stdout) => eventsOf(stdout).filter(({ type }) => type === 'error');

/**
 * Clones `shop`, one table at a time, and does something else while the first part is uploaded.
 * @param {import('node:test').TestContext} test
 * @param {string} copy
 * @param {() => Promise<unknown>} work
 */
async function cloneDuring(test, copy, work) {
  let hasBegun = false;
  onRequest(test, env, async ({ path, method }) => {
    if (hasBegun || method !== 'PUT' || !path.includes('upload_part')) return;
    hasBegun = true;
    await work();
  });
  return clones.run(['shop', '--new-db', copy, '--table-parallelism', '1', ...QUICK]);
}

it('a second run leaves the work of the first alone: each table is of one run, and both reports are true', async (test) => {
  const copy = 'taken_over';
  /** @type {Awaited<ReturnType<typeof clones.run>> | undefined} */
  let second;
  const first = await cloneDuring(test, copy, async () => {
    // A database with the same table names and other rows.
    second = await clones.run(['shop_later', '--new-db', copy, ...QUICK]);
  });
  assert.equal(second?.code, 0, second?.stderr);
  const [plan] = eventsOf(second?.stdout ?? '');
  assert.ok(plan.orphans.inUse.length > 0);
  assert.deepEqual([plan.orphans.tables, plan.orphans.sessions], [[], []]);
  assert.equal(first.code, 3, first.stderr);
  const errors = errorsOf(first.stdout);
  assert.deepEqual([...new Set(errors.map(({ code }) => code))], ['already_exists']);
  for (const table of await clones.source.tableNames('shop_later')) {
    await clones.assertSameTable('shop_later', copy, table);
  }
  const published = eventsOf(first.stdout).filter(({ type, state }) => type === 'table' && state === 'done');
  for (const { table } of published) await clones.assertSameTable('shop', copy, table);
  await clones.assertNoLeftovers(copy);
});

it('a cleanup leaves the work of a live run alone, and removes what it names', async (test) => {
  const copy = 'cleaned';
  const { url, key } = clones.destination;
  const cleanup = (/** @type {string[]} */ ...args) =>
    env.start(['cleanup', '--endpoint', url, copy, '--json', ...args], { TD_API_KEY: key }).ended;
  const cloned = await cloneDuring(test, copy, async () => {
    const { code, stdout } = await cleanup('--yes');
    const [plan] = eventsOf(stdout);
    assert.equal(code, 0);
    assert.ok(plan.inUse.length > 0);
    assert.deepEqual([plan.tables, plan.sessions, plan.jobs], [[], [], []]);
  });
  assert.equal(cloned.code, 0, cloned.stderr);
  await clones.assertEqual('shop', copy);

  const forced = await cloneDuring(test, 'forced', async () => {
    const tables = await clones.destination.tableNames('forced');
    const [name = ''] = tables.filter((table) => /^petit_staging_/.test(table) && !table.endsWith('_lease'));
    const args = ['cleanup', '--endpoint', url, 'forced', '--json', '--force', name];
    const { code, stdout } = await env.start(args, { TD_API_KEY: key }).ended;
    const [plan] = eventsOf(stdout);
    assert.equal(code, 0, stdout);
    assert.deepEqual(
      plan.tables.map((/** @type {any} */ { table }) => table),
      [name],
    );
  });
  assert.equal(forced.code, 3, forced.stderr);
  assert.equal(errorsOf(forced.stdout)[0]?.code, 'staging_lost');
});

it('two runs that start together use separate staging tables', async () => {
  const copy = 'together';
  const [first, second] = await Promise.all([
    clones.run(['shop', '--new-db', copy, ...QUICK]),
    clones.run(['shop', '--new-db', copy, ...QUICK]),
  ]);
  for (const { code, stdout } of [first, second]) {
    assert.ok([0, 1, 3].includes(code ?? -1), stdout);
    for (const { code: reason } of errorsOf(stdout)) {
      assert.match(reason, /^(staging_lost|already_exists|plan_has_errors)$/);
    }
  }
  const { code, stderr } = await clones.run(['shop', '--new-db', copy, '--skip-existing', ...QUICK]);
  assert.equal(code, 0, stderr);
  await clones.assertEqual('shop', copy);
  await clones.assertNoLeftovers(copy);
});
