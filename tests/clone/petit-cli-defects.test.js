import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Clones, isWrite, onRequest, requestLine } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

// Defects of petit-cli, the Python tool that petit replaces: one test for each. The title quotes the defect.

const { accounts } = readSeed('clone-shop');
const env = setUpEnv({ accounts: [...accounts, ...readSeed('clone-defects').accounts] }, 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {string} table @returns {Promise<any>} its entry in the listing of the copy */
const listed = async (table) =>
  (await clones.destination.tables('classics')).find(({ name }) => name === table);

/** The requests of the test so far. */
const requests = () => env.emulator.requests().map(requestLine);

describe('in clone-db,', () => {
  before(async () => {
    const { code, stderr } = await clones.run(['classics']);
    assert.equal(code, 0, stderr);
  });

  it('"one NULL in a chunk turns a long column to float": longs stay exact next to NULLs', async () => {
    const rows = await clones.destination.rows(
      'classics',
      'SELECT CAST(id AS VARCHAR) FROM ids ORDER BY time',
    );
    assert.deepEqual(rows, [['9007199254740993'], [null], ['-9007199254740993']]);
    assert.deepEqual(JSON.parse((await listed('ids')).schema), [['id', 'long']]);
  });

  it('"booleans, arrays, maps become Python-style text": they keep their types', async () => {
    const sql = 'SELECT flag, list, map, code FROM "values" ORDER BY time';
    const job = await clones.destination.query('classics', sql);
    assert.match(
      job.hive_result_schema,
      /\["list", "array\(bigint\)"\], \["map", "map\(varchar, varchar\)"\]/,
    );
    assert.deepEqual(await clones.destination.rows('classics', sql), [
      ['true', [1, null, 3], { k: 'v' }, '00123'],
      ['false', [], {}, '1e5'],
    ]);
  });

  it('"a table is loaded by sessions of 100,000 rows one by one": one session loads it', async () => {
    assert.equal((await clones.run(['classics', '--new-db', 'sessions'])).code, 0);
    const created = requests().filter((line) => /bulk_import\/create\/.*_many_rows\//.test(line));
    assert.equal(created.length, 1);
    assert.equal((await listed('many_rows')).count, 250_000);
  });

  it('"empty tables are not copied": they are', async () => {
    assert.equal((await listed('nothing')).count, 0);
  });

  it('"schema, aliases, expire_days are not copied": they are', async () => {
    const { schema, expire_days: days } = await listed('nothing');
    assert.deepEqual(JSON.parse(schema), [
      ['Odd Key', 'string', 'odd_key'],
      ['n', 'long'],
    ]);
    assert.equal(days, 90);
  });

  it('"identifiers are unquoted": SQL keywords are ordinary names', async () => {
    const rows = await clones.destination.rows('classics', 'SELECT "from", "order", group_by FROM "select"');
    assert.deepEqual(rows, [[2, 'a', 'b']]);
    await clones.assertSameTable('classics', 'classics', 'select');
  });

  it('"a failed table still ends in Complete, exit 0": it is reported, and the exit code is 3', async () => {
    env.fail({ path: 'FROM "shop"."orders"', action: { type: 'job_fails' } });
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'partly']);
    assert.equal(code, 3);
    assert.doesNotMatch(stdout + stderr, /complete/i);
    assert.match(stdout, /^orders +FAILED/m);
    assert.match(stderr, /^Error: table "orders"/m);
  });

  it('"a dry run creates the destination database": it creates nothing', async () => {
    assert.equal((await clones.run(['shop', '--new-db', 'never_made', '--dry-run'])).code, 0);
    assert.deepEqual(env.emulator.requests().filter(isWrite), []);
    assert.ok(!(await clones.destination.databases()).includes('never_made'));
  });

  it('"the default mode silently skips existing tables": it is an error, and petit copies nothing', async () => {
    const { code, stderr } = await clones.run(['shop', '--new-db', 'archive']);
    assert.equal(code, 1);
    assert.match(stderr, /"archive" already has a table "orders"/);
    assert.deepEqual(env.emulator.requests().filter(isWrite), []);
  });

  it('"overwrite deletes first": the old table stays until the new one is complete', async (test) => {
    const { destination } = clones;
    const old = await destination.contents('archive', 'orders');
    /** @type {unknown[]} */
    const seen = [];
    onRequest(test, env, async ({ path, method }) => {
      if (method === 'POST' && /(create|perform|commit|rename)\/.*petit_staging_\w+_orders/.test(path)) {
        seen.push(await destination.rows('archive', 'SELECT COUNT(1) FROM orders'));
      }
    });
    assert.equal((await clones.run(['shop', '--new-db', 'archive', '--overwrite'])).code, 0);
    assert.ok(seen.length >= 5, `${seen.length} reads`);
    for (const count of seen) assert.deepEqual(count, [[old.rows.length]]);
    assert.ok(!requests().includes('POST /v3/table/delete/archive/orders'));
    await clones.assertSameTable('shop', 'archive', 'orders');
  });

  it('"a kill leaves half a table, which skip-existing then keeps": it leaves none, and the next run copies it', async (test) => {
    const { child, ended } = clones.start(['shop', '--new-db', 'killed']);
    onRequest(test, env, ({ path }) => {
      if (/bulk_import\/perform\/.*_visits/.test(path)) child.kill('SIGKILL');
    });
    assert.equal((await ended).signal, 'SIGKILL');
    assert.ok(!(await clones.destination.tableNames('killed')).includes('visits'));
    assert.equal((await clones.run(['shop', '--new-db', 'killed', '--skip-existing'])).code, 0);
    await clones.assertEqual('shop', 'killed');
  });

  it('"rejected records are only a warning": the table fails and is not published', async () => {
    env.fail({ path: 'petit_staging_[0-9a-f]{16}_orders', action: { type: 'error_records', count: 1 } });
    const { code, stderr } = await clones.run(['shop', '--new-db', 'rejecting']);
    assert.equal(code, 4);
    assert.match(stderr, /^Error: table "orders".* has records that TD rejected: 1/m);
    await clones.assertEqual('shop', 'rejecting', { except: ['orders'] });
  });

  it('"cloning inside one account is refused": another name is enough', async () => {
    const within = new Clones(env, 'prod', 'prod');
    assert.equal((await within.run(['shop', '--new-db', 'shop_twin'])).code, 0);
    await within.assertEqual('shop', 'shop_twin');
  });
});

describe('in td2parquet,', () => {
  /** @param {string[]} args */
  const exported = async (...args) => {
    const { code, stderr } = await env.td2parquet(['classics', ...args]);
    assert.equal(code, 0, stderr);
    return readParquet('hyparquet', env.path(`dataset/classics_${args[0]}.parquet`));
  };

  it('"the schema is guessed from the first chunk, and a later NULL crashes it": the types come from the table', async () => {
    const { rows } = await exported('late_null', '--chunk-size', '4', '--row-group-rows', '4');
    assert.equal(rows.length, 13);
    assert.deepEqual(
      rows.filter(([n]) => n === null).map(([n, s, time]) => [n, s, time]),
      [[null, null, 'i:12']],
    );
  });

  it('"a crash leaves a valid-looking cut file": it leaves none', async () => {
    env.fail({ path: '/job/show/', times: -1, action: { type: 'patch', set: { num_records: 14 } } });
    const { code } = await env.td2parquet(['classics', 'late_null']);
    assert.equal(code, 4);
    assert.deepEqual(await env.files(), []);
  });

  it('"row groups have 10,000 rows": options limit them, and the default is large', async () => {
    const { rowGroups } = await exported('many_rows');
    assert.ok(rowGroups.length <= 2 && Number(rowGroups[0]) > 100_000, String(rowGroups));
  });

  it('"--time-column, --start-time, --end-time are documented but not there": they are', async () => {
    const { rows } = await exported(
      'late_null',
      '--start-time',
      '1970-01-01T00:00:03Z',
      '--end-time',
      '1970-01-01T00:00:05Z',
    );
    assert.deepEqual(rows.map(([n]) => n).sort(), ['i:3', 'i:4']);
    const { rows: byColumn } = await exported(
      'late_null',
      '--overwrite',
      ...['--time-column', 'n', '--start-time', '1970-01-01T00:00:07Z', '--end-time', '1970-01-01T00:00:08Z'],
    );
    assert.deepEqual(
      byColumn.map(([n]) => n),
      ['i:7'],
    );
  });
});
