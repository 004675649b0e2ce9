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

it('a second run takes over: it completes, the first one reports errors, and rows are never mixed', async (test) => {
  const copy = 'taken_over';
  /** @type {ReturnType<typeof clones.run> | undefined} */
  let second;
  onRequest(test, env, async ({ path, method }) => {
    if (second || method !== 'PUT' || !path.includes('upload_part')) return;
    // A database with the same table names and other rows.
    second = clones.run(['shop_later', '--new-db', copy, ...QUICK]);
    await second;
  });
  const first = await clones.run(['shop', '--new-db', copy, '--table-parallelism', '1', ...QUICK]);
  const taken = await second;
  assert.equal(taken?.code, 0, taken?.stderr);
  assert.equal(first.code, 3, first.stderr);
  const errors = errorsOf(first.stdout);
  assert.ok(errors.length > 0);
  for (const { code } of errors) assert.match(code, /^(staging_lost|already_exists)$/);
  assert.ok(errors.some(({ code }) => code === 'staging_lost'));
  for (const table of await clones.source.tableNames('shop_later')) {
    await clones.assertSameTable('shop_later', copy, table);
  }
  await clones.assertNoLeftovers(copy);
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
