import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { exportTables } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

// A clone and an export of a share of the people.

const TIME = 1_767_225_600;
const numbers = Array.from({ length: 600 }, (_, n) => n);
const tables = [
  {
    name: 'users',
    schema: [['user_id', 'long']],
    records: numbers.map((n) => ({ time: TIME + n, user_id: n })),
  },
  {
    name: 'orders',
    schema: [
      ['customer', 'long'],
      ['price', 'long'],
    ],
    records: [...numbers, ...numbers].map((n, index) => ({ time: TIME + index, customer: n, price: index })),
  },
  {
    name: 'visits',
    schema: [['user_id', 'string']],
    records: numbers.map((n) => ({ time: TIME + n, user_id: String(n) })),
  },
  { name: 'products', schema: [['id', 'long']], records: numbers.map((n) => ({ time: TIME, id: n })) },
];
const env = setUpEnv(seedForClones([{ name: 'crm', tables }]), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const BY = ['--sample', '30%', '--by', 'user_id,orders.customer'];

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** The people in a table of the copy, each once. @param {string} table @param {string} column @param {string} [database] */
async function people(table, column, database = 'crm') {
  const rows = await clones.destination.rows(
    database,
    `SELECT DISTINCT CAST(${column} AS VARCHAR) FROM ${table}`,
  );
  return rows.map(([person]) => person).sort();
}

/** @param {string[]} args */
function verify(args) {
  const { source, destination } = clones;
  const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
  return env.start(['verify', 'crm', ...args, '--se', source.url, '--de', destination.url], keys).ended;
}

describe('a sample', () => {
  it('has the same people in every table and every run', async () => {
    const args = ['crm', ...BY, '--sample-others', 'full', '--verify', 'full'];
    const dry = await clones.run([...args, '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^SAMPLED:\n(?: {2}.*\n)* {2}orders: 30% by customer, about 360 rows$/m);
    assert.match(dry.stdout, /products: it has no key of the sample: all of its rows are copied/);
    const { code, stdout, stderr } = await clones.run([...args, '--json']);
    assert.equal(code, 0, stderr);
    const copied = Object.fromEntries(
      eventsOf(stdout)
        .at(-1)
        .tables.map((/** @type {any} */ table) => [table.table, table]),
    );
    const users = await people('users', 'user_id');
    assert.ok(users.length > 100 && users.length < 260, `${users.length} of 600`);
    assert.deepEqual(await people('orders', 'customer'), users);
    assert.deepEqual(await people('visits', 'user_id'), users);
    assert.deepEqual([copied.orders.rows, copied.products.rows], [2 * users.length, 600]);
    assert.equal(copied.users.sample.by, 'user_id');

    const again = ['crm', '--new-db', 'again', ...BY, '--sample-others', 'skip', '--split-rows', '50'];
    const sliced = await clones.run(again);
    assert.equal(sliced.code, 0, sliced.stderr);
    assert.deepEqual(await people('users', 'user_id', 'again'), users);
    assert.deepEqual(await clones.destination.tableNames('again'), ['orders', 'users', 'visits']);

    assert.equal((await verify([...BY, '--sample-others', 'full'])).code, 0);
    assert.equal((await verify([])).code, 4);
  });

  it('is copied by the engine, and masked afterwards', async () => {
    const { url, key } = clones.source;
    const ends = ['--de', url, '--new-db', 'crm_small', ...BY, '--sample-others', 'skip'];
    const mask = ['--mask', 'users.user_id=hash', '--json'];
    const keys = { DEST_API_KEY: key, PETIT_MASK_KEY: 'the secret of these tests' };
    const { code, stdout, stderr } = await clones.run(['crm', ...ends, ...mask], keys);
    assert.equal(code, 0, stderr);
    const { tables } = eventsOf(stdout).at(-1);
    const of = (/** @type {string} */ name) => tables.find((/** @type {any} */ { table }) => table === name);
    assert.deepEqual([of('visits').via, of('users').via], ['engine', 'client']);
    assert.deepEqual([of('orders').rows, of('visits').rows], [2 * of('users').rows, of('users').rows]);
    await clones.source.drop('crm_small');
  });

  it('is of all columns without a key, also in an export', async () => {
    const request = {
      ...{ account: env.account, database: 'crm', outputDir: env.folder, workers: 0 },
      ...{ tables: ['products'], sample: '50%', overwrite: true },
    };
    const rows = async () => {
      const { tables, errors } = await exportTables(request);
      assert.deepEqual(errors, []);
      const { rows } = await readParquet('hyparquet', tables[0]?.outputPath ?? '');
      return rows;
    };
    const first = await rows();
    assert.ok(first.length > 200 && first.length < 400, String(first.length));
    assert.deepEqual(await rows(), first);
  });

  it('needs a key of each table, unless others are named', async () => {
    const { code, stdout } = await clones.run(['crm', ...BY, '--dry-run']);
    assert.equal(code, 5);
    assert.match(stdout, /products: it has no key of the sample \("user_id", "orders\.customer"\)/);
    for (const [args, exit, text] of /** @type {[string[], number, RegExp][]} */ ([
      [['--sample', '1'], 1, /expected a percentage between 0% and 100%/],
      [['--by', 'user_id'], 1, /--by and --sample-others require --sample/],
      [['--sample', '1%', '--sample-others', 'skip'], 1, /--sample-others requires --by/],
      [['--sample', '1%', '--by', 'userid'], 2, /did you mean "user_id"\?/],
    ])) {
      const { code, stderr } = await clones.run(['crm', ...args]);
      assert.equal(code, exit, stderr);
      assert.match(stderr, text);
    }
  });
});
