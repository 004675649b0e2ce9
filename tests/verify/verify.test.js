import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, onRequest, requestLine } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

/** @typedef {import('../support/index.js').TableSeed} TableSeed */

const schema = [
  ['id', 'long'],
  ['First Name', 'string', 'first_name'],
  ['amount', 'double'],
  ['tags', 'array<string>'],
];
/** @type {Record<string, unknown>[]} */
const records = [
  {
    time: 1,
    id: { $int: '9007199254740993' },
    'First Name': 'Aiko',
    amount: { $float: 'NaN' },
    tags: ['a', null],
  },
  { time: 2, id: null, 'First Name': 'Zoë', amount: { $float: '-0.0' }, tags: [] },
  { time: 3, id: 3, 'First Name': null, amount: 1.5, tags: null },
  { time: 3, id: 3, 'First Name': null, amount: 1.5, tags: null },
];
const [first = {}, second = {}, third = {}, fourth = {}] = records;

/** The tables of both sides by name, with the expected line of output.
 * @type {Record<string, { source?: Omit<TableSeed, 'name'>, destination?: Omit<TableSeed, 'name'>, full: RegExp, count?: RegExp }>} */
const TABLES = {
  same: {
    source: { schema, records },
    destination: { schema, records: records.toReversed() },
    full: /^= 4 rows$/,
  },
  empty: { source: { schema }, destination: { schema }, full: /^= 0 rows$/ },
  bare: {
    source: { records: [{ time: 5 }] },
    destination: { records: [{ time: 5 }] },
    full: /^= 1 rows$/,
  },
  changed: {
    source: { schema, records },
    destination: { schema, records: [{ ...first, id: { $int: '9007199254740992' } }, second, third, fourth] },
    full: /^\* the contents differ( in "id")?$/,
    count: /^= 4 rows$/,
  },
  swapped: {
    source: { schema, records },
    destination: {
      schema,
      records: [{ ...first, id: null }, { ...second, id: { $int: '9007199254740993' } }, third, fourth],
    },
    full: /^\* (the columns have the same values, but in different rows|the contents differ)$/,
    count: /^= 4 rows$/,
  },
  repeated: {
    source: { schema, records: [first, first, second, second] },
    destination: { schema, records: [third, third, second, second] },
    full: /^\* the contents differ( in "id", "first_name", "amount", "tags", "time")?$/,
    count: /^= 4 rows$/,
  },
  shorter: {
    source: { schema, records },
    destination: { schema, records: records.slice(1) },
    full: /^\* 4 rows in the source, 3 in the destination$/,
    count: /^\* 4 rows in the source, 3 in the destination$/,
  },
  reshaped: {
    source: { schema, records },
    destination: { schema: [['id', 'double'], ...schema.slice(1)], records },
    full: /^\* column "id" is long in the source, double in the destination$/,
    count: /^\* column "id" is long/,
  },
  lost: { source: { schema }, full: /^\+ only in the source$/, count: /^\+ only in the source$/ },
  extra: {
    destination: { schema },
    full: /^- only in the destination$/,
    count: /^- only in the destination$/,
  },
};

const seed = readSeed('clone-shop');
for (const [account, side] of /** @type {const} */ ([
  ['prod', 'source'],
  ['mirror', 'destination'],
])) {
  const tables = Object.entries(TABLES).flatMap(([name, table]) =>
    table[side] ? [/** @type {TableSeed} */ ({ name, ...table[side] })] : [],
  );
  const owner = seed.accounts.find(({ name }) => name === account);
  owner?.databases?.push({ name: side, tables });
}
const env = setUpEnv(seed, 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {string[]} args @param {Record<string, string | undefined>} [variables] @param {string[]} [databases] */
function verify(args, variables, databases = ['source', '--new-db', 'destination']) {
  const { source, destination } = clones;
  const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
  const ends = ['--se', source.url, '--de', destination.url];
  return env.start(['verify', ...databases, ...ends, ...args], { ...keys, ...variables }).ended;
}

/** The lines of the tables, by table. @param {string} stdout @returns {Record<string, string>} */
const linesOf = (stdout) =>
  Object.fromEntries(
    [...stdout.matchAll(/^([=*+!-]) (\S+) +(.*)$/gm)].map(([, sign, name, details]) => [
      name,
      `${sign} ${details}`,
    ]),
  );

/** The number of queries. */
const queryCount = () => env.requests().filter((request) => request.startsWith('POST /v3/job/issue')).length;

describe('petit verify', () => {
  for (const method of ['server', 'stream', 'auto']) {
    it(`by ${method} lists the differences of each table independent of row order, and writes nothing`, async () => {
      const { code, stdout, stderr } = await verify(['--method', method]);
      assert.equal(code, 4, stderr);
      assert.equal(stderr, '');
      const lines = linesOf(stdout);
      assert.deepEqual(Object.keys(lines), Object.keys(TABLES).sort());
      for (const [name, { full }] of Object.entries(TABLES)) assert.match(lines[name] ?? '', full, name);
      assert.match(
        stdout,
        /\nsource and destination: 3 equal, 5 different, 1 only in the source, 1 only in the destination, in /,
      );
      const writes = env.requests().filter((request) => !/^(GET|POST \/v3\/job\/issue)/.test(request));
      assert.deepEqual(writes, []);
    });
  }

  it('with --compare count compares only schemas and row counts', async () => {
    const { code, stdout } = await verify(['--compare', 'count']);
    assert.equal(code, 4);
    const lines = linesOf(stdout);
    for (const [name, { count, full }] of Object.entries(TABLES))
      assert.match(lines[name] ?? '', count ?? full, name);
  });

  it('of named tables exits with 0 if they are equal, and runs one query per table and side', async () => {
    const { code, stdout, stderr } = await verify(['same', 'empty']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(Object.keys(linesOf(stdout)), ['empty', 'same']);
    assert.equal(queryCount(), 4);
  });

  it('reads the rows if the SQL of a side has no checksum; with --method server this is an error and exit code 3', async () => {
    env.fail({
      account: 'mirror',
      path: 'CHECKSUM',
      times: -1,
      action: { type: 'job_fails', message: 'no such function' },
    });
    const auto = await verify(['same', 'changed']);
    assert.equal(auto.code, 4, auto.stderr);
    assert.match(linesOf(auto.stdout).same ?? '', TABLES.same?.full ?? /^$/);
    assert.match(linesOf(auto.stdout).changed ?? '', /^\* the contents differ$/);
    const server = await verify(['same', '--method', 'server']);
    assert.equal(server.code, 3);
    assert.match(linesOf(server.stdout).same ?? '', /^! the destination: .*no such function/);
    assert.match(server.stderr, /^Error: table "same".*no such function/);
  });

  it('finds a clone equal', async () => {
    const cloned = await clones.run(['shop', '--new-db', 'copy']);
    assert.equal(cloned.code, 0, cloned.stderr);
    const { code, stdout } = await verify([], {}, ['shop', '--new-db', 'copy']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /shop and copy: 4 equal, in /);
  });

  it('prints events with --json', async () => {
    const { code, stdout } = await verify(['same', 'shorter', '--json']);
    assert.equal(code, 4);
    const events = eventsOf(stdout);
    const compared = events.filter(({ type }) => type === 'comparison');
    assert.deepEqual(
      compared
        .map(({ table, sign, sourceRows, destinationRows }) => [table, sign, sourceRows, destinationRows])
        .sort(),
      [
        ['same', '=', 4, 4],
        ['shorter', '*', 4, 3],
      ],
    );
    assert.deepEqual([events.at(-1).type, events.at(-1).command], ['summary', 'verify']);
  });

  it('exits with 2 for a missing or refused source or destination, and with 1 for bad arguments', async () => {
    const cases = /** @type {const} */ ([
      [['nowhere'], {}, 2, /there is no table "nowhere" in "source" or "destination"/],
      [[], { SOURCE_API_KEY: '' }, 2, /SOURCE_API_KEY is not set/],
      [[], { SOURCE_API_KEY: '21/bad' }, 2, /Source database does not exist or access denied/],
      [['--method', 'magic'], {}, 1, /Allowed choices are auto, server, stream/],
    ]);
    for (const [args, variables, code, message] of cases) {
      const ended = await verify([...args], variables);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, message);
    }
    const missing = await verify([], {}, ['source', '--new-db', 'not_there']);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^Error: the destination has no database "not_there"/);
  });
});

describe('petit clone-db --verify', () => {
  for (const [how = '', state = ''] of [
    ['count', 'verified'],
    ['full', 'contents verified'],
    ['none', 'not verified'],
  ]) {
    it(`${how} reports “${state}”`, async () => {
      const { code, stdout, stderr } = await clones.run(['shop', '--new-db', `copy_${how}`, '--verify', how]);
      assert.equal(code, 0, stderr);
      assert.equal(stdout.match(new RegExp(` {2}${state} `, 'g'))?.length, 4, stdout);
    });
  }

  it('full does not publish a table with other contents than the source, and exits with 4', async (test) => {
    const { source } = clones;
    let isChanged = false;
    onRequest(test, env, async (entry) => {
      if (isChanged || !/bulk_import\/perform\/.*_customers$/.test(requestLine(entry))) return;
      isChanged = true;
      await source.query('shop', 'DELETE FROM customers WHERE id = 1');
      await source.query('shop', "INSERT INTO customers (id, first_name, time) VALUES (1, 'Akio', 10)");
    });
    const { code, stderr } = await clones.run(['shop', '--new-db', 'copy_4', '--verify', 'full']);
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /^Error: table "customers".*: the copy differs from the source: the contents differ in "first_name", "tags"\n/m,
    );
    assert.deepEqual(await clones.destination.tableNames('copy_4'), ['orders', 'returns', 'visits']);
    await clones.assertNoLeftovers('copy_4');
  });
});
