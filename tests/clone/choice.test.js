import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { planClone } from '../../pkg-scripts/node.js';
import { Clones, isWrite } from '../support/clone.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';

// Names, globs and exclusions choose the tables of every command.

const schema = [['n', 'long']];
const NAMES = ['orders', 'order_lines', 'web_logs', 'web_clicks', 'web_tmp'];
const tables = NAMES.map((name, n) => ({ name, schema, records: [{ time: n, n }] }));
const many = Array.from({ length: 210 }, (_, n) => ({ name: `day_${String(n).padStart(3, '0')}` }));
const databases = [
  { name: 'shop', tables },
  { name: 'many', tables: many },
];
const env = setUpEnv(seedForClones(databases), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** @param {string[]} args */
function verify(args) {
  const { source, destination } = clones;
  const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
  return env.start(['verify', 'shop', ...args, '--se', source.url, '--de', destination.url], keys).ended;
}

describe('the choice of tables', () => {
  it('copies, compares and exports what names and globs match, without the exclusions', async () => {
    const chosen = ['orders', 'web_*', '--exclude', '*_tmp'];
    const clone = await clones.run(['shop', ...chosen]);
    assert.equal(clone.code, 0, clone.stderr);
    assert.deepEqual(await clones.destination.tableNames('shop'), ['orders', 'web_clicks', 'web_logs']);
    assert.match(clone.stdout, /^shop to shop: 3 copied, 0 skipped, 0 failed, 2 not chosen; /m);

    const compared = await verify(chosen);
    assert.equal(compared.code, 0, compared.stdout);
    assert.match(compared.stdout, /^shop and shop: 3 equal, 2 not chosen, /m);
    const others = await verify(['--exclude', 'web_tmp,order_lines']);
    assert.equal(others.code, 0, others.stdout);

    const exported = await env.td2parquet(['shop', ...chosen]);
    assert.equal(exported.code, 0, exported.stderr);
    assert.deepEqual((await env.files()).sort(), [
      'shop_orders.parquet',
      'shop_web_clicks.parquet',
      'shop_web_logs.parquet',
    ]);
  });

  it('is in the plan of a dry run, with the number of the others', async () => {
    const text = await clones.run(['shop', '--exclude', 'web_*', '--exclude', 'orders', '--dry-run']);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^CREATE +order_lines /m);
    assert.match(text.stdout, /^NOT CHOSEN: 4 tables$/m);
    assert.doesNotMatch(text.stdout, /web_logs/);
    const json = await clones.run(['shop', 'web_*', '--dry-run', '--json']);
    const [plan] = eventsOf(json.stdout);
    assert.deepEqual(plan.tables.map((/** @type {any} */ { table }) => table).sort(), [
      'web_clicks',
      'web_logs',
      'web_tmp',
    ]);
    assert.equal(plan.notChosen, 2);
    const parquet = await env.td2parquet(['shop', 'order*', '--dry-run']);
    assert.match(parquet.stdout, /^2 files from the database shop\.\nNOT CHOSEN: 3 tables$/m);
  });

  it('leaves everything of the other tables alone, also with --overwrite', async () => {
    const first = await clones.run(['shop']);
    assert.equal(first.code, 0, first.stderr);
    const leftover = (/** @type {string} */ table) => {
      const [plan] = [table].map((name) => planned.tables.find((one) => one.table === name));
      return plan?.copy?.stagingTable ?? '';
    };
    const [source, destination] = [clones.source, clones.destination].map(({ url, key }) => ({
      endpoint: url,
      apikey: key,
    }));
    assert.ok(source && destination);
    const planned = await planClone({ source, destination, database: 'shop', onExisting: 'overwrite' });
    for (const table of ['orders', 'web_logs']) {
      const { status } = await clones.destination.post(`/v3/table/create/shop/${leftover(table)}/log`);
      assert.equal(status, 200);
    }
    env.emulator.clearRequests();
    const again = await clones.run(['shop', 'orders', '--overwrite']);
    assert.equal(again.code, 0, again.stderr);
    const names = await clones.destination.tableNames('shop');
    assert.ok(names.includes(leftover('web_logs')), 'the staging table of a table that is not chosen stays');
    assert.ok(!names.includes(leftover('orders')));
    const touched = env.emulator.requests().filter(isWrite);
    assert.ok(touched.every(({ path }) => !/web_|order_lines/.test(path)));
  });

  it('fails before anything is written if a name or glob matches nothing', async () => {
    const cases = /** @type {[string[], RegExp][]} */ ([
      [['order'], /there is no table "order" in "shop"; did you mean "orders"\?/],
      [['ORDERS'], /did you mean "orders"\?/],
      [['wbe_*'], /no table in "shop" matches "wbe_\*"; did you mean "web_clicks", "web_logs", "web_tmp"\?/],
      [['orders', '--exclude', 'web_lgos'], /there is no table "web_lgos" .*did you mean "web_logs"\?/],
    ]);
    for (const [args, message] of cases) {
      const clone = await clones.run(['shop', ...args]);
      assert.equal(clone.code, 2, clone.stderr);
      assert.match(clone.stderr, message);
      const parquet = await env.td2parquet(['shop', ...args]);
      assert.match(parquet.stderr, message);
    }
    const none = await clones.run(['shop', 'orders', '--exclude', 'order*']);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /every chosen table of "shop" is excluded/);
    assert.deepEqual(env.emulator.requests().filter(isWrite), []);
  });

  it('never puts hundreds of names into one line', async () => {
    const wrong = many.map(({ name }) => name.replace('day', 'dya'));
    const runs = [
      await clones.run(['many', ...wrong]),
      await env.td2parquet(['many', ...wrong]),
      await env.td2parquet(['many', 'nothing_like_it']),
      await clones.run(['many', 'day_0*', '--dry-run']),
    ];
    for (const { stdout, stderr } of runs) {
      for (const line of `${stdout}\n${stderr}`.split('\n')) assert.ok(line.length < 700, line);
    }
    assert.match(runs[0]?.stderr ?? '', /and 199 more/);
  });

  it('has no empty name', async () => {
    const { code, stderr } = await clones.run(['shop', '--exclude', ',']);
    assert.equal(code, 1);
    assert.match(stderr, /Expected names or globs of tables/);
  });
});
