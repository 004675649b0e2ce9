import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Clones } from '../support/clone.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

// Logical views: never copied as tables, and never left out without a word.

const schema = [
  ['id', 'long'],
  ['paid', 'long'],
];
const records = [
  { time: 1, id: 1, paid: 0 },
  { time: 2, id: 2, paid: 1 },
];
const databases = [
  {
    name: 'shop',
    tables: [{ name: 'orders', schema, records }],
    views: [
      { name: 'paid_orders', sql: `SELECT id, 'shop.orders' AS origin FROM "shop"."orders" WHERE paid = 1` },
      { name: 'all_paid', sql: 'SELECT count(*) AS n FROM shop.paid_orders' },
    ],
  },
];
const env = setUpEnv(seedForClones(databases), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

afterEach(async () => {
  env.emulator.configure({ listedViews: 'absent' });
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** @param {string} database @returns {Promise<any[]>} names and texts of the copies */
function views(database) {
  const where = `WHERE table_schema = '${database}' ORDER BY 1`;
  const sql = `SELECT table_name, view_definition FROM information_schema.views ${where}`;
  return clones.destination.rows(database, sql);
}

describe('a clone of a database with logical views', () => {
  it('lists them as not copied, by default', async () => {
    const dry = await clones.run(['shop', '--new-db', 'copy', '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^Logical views that will not be copied .*\n {2}paid_orders\n {2}all_paid$/m);
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'copy']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^shop to copy: 1 copied, /m);
    assert.match(stdout, /^Logical views not copied: 2 /m);
    assert.deepEqual(await views('copy'), []);
  });

  it('creates them with --views copy, with the new name of the database, each after those it reads', async () => {
    const { code, stdout, stderr } = await clones.run([
      'shop',
      '--new-db',
      'copy',
      '--views',
      'copy',
      '--json',
    ]);
    assert.equal(code, 0, stderr);
    const events = eventsOf(stdout);
    assert.deepEqual(
      events.filter(({ type }) => type === 'view').map(({ view, state }) => [view, state]),
      [
        ['paid_orders', 'done'],
        ['all_paid', 'done'],
      ],
    );
    const [[, all], [, paid]] = await views('copy');
    assert.match(String(all), /FROM "copy"\s*\.\s*paid_orders/);
    assert.match(String(paid), /'shop\.orders' AS origin FROM "copy"\s*\.\s*"orders"/);
    assert.deepEqual(await clones.destination.rows('copy', 'SELECT n FROM all_paid'), [[1]]);
  });

  it('never takes a view for a table, however the listing shows it', async () => {
    for (const listedViews of /** @type {const} */ (['absent', 'view', 'log'])) {
      env.emulator.configure({ listedViews });
      const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'copy', '--json']);
      assert.equal(code, 0, stderr);
      const summary = eventsOf(stdout).at(-1);
      const tables = summary.tables.map((/** @type {any} */ { table }) => table);
      assert.deepEqual(tables, ['orders'], listedViews);
      assert.equal(summary.views.length, 2, listedViews);
      await clones.destination.drop('copy');
    }
  });

  it('handles existing views as existing tables', async () => {
    const args = ['shop', '--new-db', 'copy', '--views', 'copy'];
    assert.equal((await clones.run(args)).code, 0);
    const refused = await clones.run([...args, 'paid_orders']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /"copy" already has a view "paid_orders"/);
    assert.equal((await clones.run([...args, '--skip-existing'])).code, 0);
    const replaced = await clones.run([...args, '--overwrite', '--json']);
    assert.equal(replaced.code, 0, replaced.stderr);
    const done = eventsOf(replaced.stdout).filter(({ type }) => type === 'view');
    assert.ok(done.every(({ action, state }) => action === 'overwrite' && state === 'done'));
  });

  it('says that the views are unknown if the catalog cannot be read', async () => {
    env.fail({ path: '/job/issue', times: 1, action: { type: 'status', status: 422 } });
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'copy', '--dry-run']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /the views of the source are not known/);
  });

  it('reports a view that cannot be created, and keeps the tables', async () => {
    const { code, stdout, stderr } = await clones.run([
      ...['shop', 'all_paid', 'orders', '--new-db', 'copy', '--views', 'copy'],
    ]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^Error: table "all_paid": query failed \(job \d+\): .*paid_orders/m);
    assert.match(stdout, /1 copied, 0 skipped, 1 failed/);
  });
});

describe('an export', () => {
  it('of a view has the rows of its query, and says so', async () => {
    const dry = await env.td2parquet(['shop', 'paid_*', '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^paid_orders \(view\) .*SELECT \* FROM "shop"\."paid_orders"$/m);
    const { code, stderr } = await env.td2parquet(['shop', 'paid_orders', '--output', 'view.parquet']);
    assert.equal(code, 0, stderr);
    const { rows } = await readParquet('hyparquet', env.path('view.parquet'));
    assert.equal(rows.length, 1);
  });

  it('of a database has its tables, and names the listed views', async () => {
    env.emulator.configure({ listedViews: 'view' });
    const { code, stdout, stderr } = await env.td2parquet(['shop', '--dry-run']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^1 file from the database shop\.$/m);
    assert.match(stdout, /^NOT CHOSEN: the view paid_orders; name it to export its rows$/m);
  });
});
