import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, onRequest } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

// Whatever wrote the rows may have changed the staging table's schema. Then a column of the copy would be NULL, though it
// has all rows.

const [acme, elsewhere] = readSeed('edges').accounts;
assert.ok(acme && elsewhere);
const tables = [{ name: 'visits', generate: { recipe: 'tiny', rows: 30_000 } }];
const seed = { accounts: [{ ...acme, databases: [{ name: 'few', tables }] }, elsewhere] };
const env = setUpEnv(seed, 'acme');
const within = new Clones(env, 'acme', 'acme');
const across = new Clones(env, 'acme', 'elsewhere');
const ENGINE = ['--via', 'engine', '--allow-key-in-job'];
const SLICES = ['--split-rows', '10000'];

/**
 * Gives the first column of each staging table another key once its rows are there, so that it is NULL in all of them.
 * @param {import('node:test').TestContext} test
 * @param {string} account
 */
function loseColumn(test, account) {
  const lost = new Set();
  onRequest(test, env, async ({ path }) => {
    const [, database = '', name = ''] = /^\/v3\/table\/show\/(\w+)\/(petit_staging_\w+)/.exec(path) ?? [];
    if (!name) return;
    const { catalog } = env.emulator.account(account);
    const table = catalog.table(database, name);
    const [first, ...others] = table.columns;
    if (!first || table.files.length === 0 || lost.has(name)) return;
    lost.add(name);
    await catalog.updateTable(database, table, { columns: [{ ...first, key: 'another' }, ...others] });
  });
  return lost;
}

/** @type {[way: string, clones: Clones, args: string[]][]} */
const WAYS = [
  ['petit', across, ['--via', 'client']],
  ['petit in slices', across, ['--via', 'client', ...SLICES]],
  ['petit as one shard', across, ['--via', 'client', '--shard', '1/1']],
  ['petit without counting', across, ['--via', 'client', '--verify', 'none']],
  ['TD within the account', within, ['--via', 'engine']],
  ['TD within the account in slices', within, ['--via', 'engine', ...SLICES]],
  ['TD into another account', across, ENGINE],
  ['TD into another account in slices', across, [...ENGINE, ...SLICES]],
  ['TD into another account without counting', across, [...ENGINE, '--verify', 'none']],
];

describe('a staging table with another schema than the plan is not published after a copy by', () => {
  for (const [index, [way, clones, args]] of WAYS.entries()) {
    it(way, async (test) => {
      const copy = `schema_${index}`;
      const lost = loseColumn(test, clones.to);
      const { code, stdout, stderr } = await clones.run(['few', '--new-db', copy, ...args, '--json']);
      assert.equal(lost.size, 1, stderr);
      assert.equal(code, 4, stderr);
      const [error] = eventsOf(stdout).at(-1).errors;
      assert.equal(error.code, 'verification_failed');
      assert.match(error.message, /another schema than the plan: .*"another"/);
      assert.deepEqual(await clones.destination.tableNames(copy), []);
      await clones.assertNoLeftovers(copy);
    });
  }
});
