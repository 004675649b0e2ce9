import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Clones, maxConcurrency, onRequest, requestLine, STAGING } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

/** @import { Rule } from '../support/index.js' */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
/** Faults after which the request was carried out. */
const LOST = {
  status: { type: 'status', status: 504, carriedOut: true },
  reset: { type: 'reset', carriedOut: true },
};

let count = 0;
/** @returns {string} an unused database name */
const fresh = () => `fresh_${++count}`;

/** @param {string} table */
const sessionOf = (table) => `petit_staging_[0-9a-f]{16}_${table}`;

/**
 * The staging table of a table in the destination.
 * @param {string} database
 * @param {string} table
 */
const stagingOf = async (database, table) => {
  const names = await clones.destination.tableNames(database);
  return (
    names.find((name) => new RegExp(`^${sessionOf(table)}$`).test(name)) ?? assert.fail('no staging table')
  );
};

/** The contents of the destination's database `archive`. */
const archive = async () => {
  const names = await clones.destination.tableNames('archive');
  return Promise.all(names.map((name) => clones.destination.contents('archive', name)));
};

describe('a table', () => {
  /** @type {Record<string, { rules: Rule[], exit?: number, message: RegExp }>} */
  const cases = {
    'whose query fails': {
      rules: [
        { path: 'FROM "shop"."orders"', action: { type: 'job_fails', message: 'Query exceeded memory' } },
      ],
      message: /^Error: table "orders": query failed \(job \d+\): Query exceeded memory$/m,
    },
    'whose records TD cannot load': {
      rules: [{ path: sessionOf('orders'), action: { type: 'perform_fails', message: 'disk full' } }],
      message: /^Error: table "orders".*was not performed: .*disk full$/m,
    },
    'whose records TD refuses': {
      rules: [{ path: sessionOf('orders'), action: { type: 'error_records', count: 2 } }],
      exit: 4,
      message: /^Error: table "orders".* has records that TD rejected: 2/m,
    },
    'with fewer valid records than were sent': {
      rules: [
        {
          path: `bulk_import/show/${sessionOf('orders')}`,
          times: -1,
          action: { type: 'patch', set: { valid_records: 3 } },
        },
      ],
      exit: 4,
      message: /^Error: table "orders".* has 3 valid records, but 4 were sent/m,
    },
    'whose upload is refused': {
      rules: [
        { path: `upload_part/${sessionOf('orders')}`, times: -1, action: { type: 'status', status: 422 } },
      ],
      message: /^Error: table "orders": .*422/m,
    },
    'whose staging table cannot be created': {
      rules: [
        { path: `table/create/.*${sessionOf('orders')}`, times: -1, action: { type: 'status', status: 403 } },
      ],
      message: /^Error: table "orders": .*403/m,
    },
    'that cannot be renamed': {
      rules: [
        { path: `table/rename/.*${sessionOf('orders')}`, times: -1, action: { type: 'status', status: 403 } },
      ],
      message: /^Error: table "orders": .*403/m,
    },
  };
  for (const [name, { rules, exit = 3, message }] of Object.entries(cases)) {
    it(`${name} is reported, and the other tables are copied`, async () => {
      const copy = fresh();
      env.fail(...rules);
      const { code, stdout, stderr } = await clones.run(['shop', '--new-db', copy]);
      assert.equal(code, exit, stderr);
      assert.match(stderr, message);
      assert.match(stdout, /^orders +FAILED /m);
      assert.match(stdout, /3 copied, 0 skipped, 1 failed/);
      assert.match(stdout, /^Run again with --skip-existing to copy only the missing tables\.$/m);
      assert.doesNotMatch(stdout + stderr, /complete/i);
      env.emulator.faults.clear();
      await clones.assertEqual('shop', copy, { except: ['orders'] });
      await clones.assertNoLeftovers(copy);
      const again = await clones.run(['shop', '--new-db', copy, '--skip-existing']);
      assert.equal(again.code, 0, again.stderr);
      assert.match(again.stdout, /1 copied, 3 skipped, 0 failed/);
      await clones.assertEqual('shop', copy);
    });
  }

  it('that fails leaves the table that it would replace unchanged', async () => {
    const before = await archive();
    for (const { rules } of Object.values(cases)) env.fail(...rules.map((rule) => ({ ...rule, times: -1 })));
    const { code, stdout } = await clones.run(['shop', '--new-db', 'archive', '--overwrite']);
    assert.equal(code, 3);
    assert.match(stdout, /3 copied, 0 skipped, 1 failed/);
    env.emulator.faults.clear();
    const now = await archive();
    const of = (/** @type {any[]} */ tables) => tables.filter(({ table }) => table.name === 'orders');
    assert.deepEqual(of(now), of(before));
    await clones.assertNoLeftovers('archive');
  });

  it('that disappears from the source is reported', async (test) => {
    const copy = fresh();
    const doomed = { name: 'doomed', schema: [['n', 'long']], records: [{ time: 1, n: 1 }] };
    const stays = { ...doomed, name: 'stays' };
    const [prod] = env.seed.accounts;
    if (prod)
      await env.emulator.loadSeed({
        accounts: [{ ...prod, databases: [{ name: 'changing', tables: [doomed, stays] }] }],
      });
    onRequest(test, env, async (entry) => {
      if (!/table\/create\/.*_doomed/.test(entry.path)) return;
      await clones.source.post('/v3/table/delete/changing/doomed');
    });
    const { code, stdout, stderr } = await clones.run(['changing', '--new-db', copy]);
    assert.equal(code, 3);
    assert.match(stderr, /^Error: table "doomed": query failed \(job \d+\): .*doomed/m);
    assert.match(stdout, /^stays +CREATE +1 /m);
    assert.deepEqual(await clones.destination.tableNames(copy), ['stays']);
    await clones.assertNoLeftovers(copy);
  });

  it('whose staging table disappears from the destination is reported', async (test) => {
    const copy = fresh();
    onRequest(test, env, async ({ path }) => {
      if (!new RegExp(`bulk_import/perform/${sessionOf('orders')}`).test(path)) return;
      await clones.destination.post(`/v3/table/delete/${copy}/${await stagingOf(copy, 'orders')}`);
    });
    const { code, stderr } = await clones.run(['shop', '--new-db', copy]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^Error: table "orders"/m);
    await clones.assertEqual('shop', copy, { except: ['orders'] });
    await clones.assertNoLeftovers(copy);
  });

  it('with another row count in the destination is a mismatch', async (test) => {
    const copy = fresh();
    const { destination } = clones;
    onRequest(test, env, async ({ path, key }) => {
      if (!new RegExp(`bulk_import/delete/${sessionOf('orders')}`).test(path)) return;
      const staging = await stagingOf(copy, 'orders');
      const job = await destination.query(copy, `INSERT INTO ${staging} SELECT 7 AS id, 1 AS time`);
      assert.equal(job.status, 'success', `${key}`);
    });
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', copy]);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /^Error: table "orders": 4 rows sent, but the destination counts 5$/m);
    assert.match(stdout, /^orders +FAILED +verification_failed/m);
    await clones.assertEqual('shop', copy, { except: ['orders'] });
    await clones.assertNoLeftovers(copy);
  });

  it('with fewer rows than the source job reports is a mismatch', async () => {
    const copy = fresh();
    const set = { num_records: 4001 };
    env.fail({ account: 'prod', path: 'job/show', skip: 1, action: { type: 'patch', set } });
    const { code, stderr } = await clones.run(['shop', '--new-db', copy, '--table-parallelism', '1']);
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /^Error: table "visits", job \d+: the source job has 4001 rows, but 4000 were received$/m,
    );
    await clones.assertEqual('shop', copy, { except: ['visits'] });
    await clones.assertNoLeftovers(copy);
  });

  it('fails after the retry timeout if an upload never succeeds', async () => {
    const copy = fresh();
    env.fail({
      path: `upload_part/${sessionOf('orders')}`,
      times: -1,
      action: { type: 'status', status: 500 },
    });
    const summary = await clones.inProcess({ database: 'shop', newDatabase: copy, retryTimeoutMs: 1000 });
    assert.deepEqual(
      summary.errors.map(({ code, table, status, retryable }) => ({ code, table, status, retryable })),
      [{ code: 'server_error', table: 'orders', status: 500, retryable: true }],
    );
    const attempts = env.emulator
      .requests()
      .filter(({ path }) => path.includes('upload_part') && path.includes('orders'));
    assert.ok(attempts.length > 1, `${attempts.length} attempts`);
    await clones.assertEqual('shop', copy, { except: ['orders'] });
    await clones.assertNoLeftovers(copy);
  });

  it('that fails has its error as data with --json', async () => {
    const copy = fresh();
    env.fail({ path: 'FROM "shop"."orders"', action: { type: 'job_fails', message: 'no memory' } });
    const { code, stdout } = await clones.run(['shop', '--new-db', copy, '--json']);
    assert.equal(code, 3);
    const events = eventsOf(stdout);
    const failed = events.find(({ type, state }) => type === 'table' && state === 'failed');
    const error = events.find(({ type }) => type === 'error');
    assert.deepEqual([failed.table, failed.action, failed.error.code], ['orders', 'create', 'job_failed']);
    assert.deepEqual([error.table, error.code, error.retryable], ['orders', 'job_failed', false]);
    assert.match(error.job, /^\d+$/);
    const summary = events.at(-1);
    assert.deepEqual([summary.tables.length, summary.errors.length], [3, 1]);
  });

  it('whose records TD refuses has their columns and types in its error, and values with --show-values', async (test) => {
    const { destination } = clones;
    onRequest(test, env, async ({ method, path }) => {
      const [, session = ''] = path.match(new RegExp(`bulk_import/freeze/(${sessionOf('orders')})`)) ?? [];
      if (method !== 'POST' || !session) return;
      await destination.upload(session, 'strange', [{ note: 'no time' }, { time: 'noon', n: 2 }]);
    });
    for (const [options, examples] of /** @type {const} */ ([
      [[], 'a record with "note" text; a record with "time" text, "n" an integer'],
      [['--show-values'], '{"note":"no time"}; {"time":"noon","n":2}'],
    ])) {
      const copy = fresh();
      const args = ['shop', '--new-db', copy, '--json', '--report', 'report.json', ...options];
      const { code, stdout, stderr } = await clones.run(args);
      assert.equal(code, 4, stderr);
      assert.ok(stderr.includes(`has records that TD rejected: 2; for example ${examples}\n`), stderr);
      const texts = [stdout, stderr, await readFile(env.path('report.json'), 'utf8')];
      for (const text of texts) assert.equal(text.includes('no time'), options.length > 0);
      await clones.assertEqual('shop', copy, { except: ['orders'] });
      await clones.assertNoLeftovers(copy);
    }
  });
});

describe('a lost response to a request that was carried out', () => {
  const calls = {
    'creating the database': 'database/create',
    'issuing the query': 'job/issue',
    'creating the staging table': 'table/create',
    'creating the session': 'bulk_import/create',
    'uploading a part': 'upload_part',
    freezing: 'bulk_import/freeze',
    performing: 'bulk_import/perform',
    committing: 'bulk_import/commit',
    'deleting the session': 'bulk_import/delete',
    renaming: 'table/rename',
  };
  for (const [name, path] of Object.entries(calls)) {
    for (const [how, action] of Object.entries(LOST)) {
      it(`does no harm when ${name} (${how})`, async () => {
        const copy = fresh();
        env.fail({ path, action: /** @type {any} */ (action) });
        const { jobs } = env.emulator.account('prod').jobs;
        const before = jobs.size;
        const { errors } = await clones.inProcess({ database: 'shop', newDatabase: copy });
        assert.deepEqual(errors, []);
        assert.equal(env.emulator.requests().filter(({ fault }) => fault).length, 1);
        assert.equal(jobs.size - before, 5, 'one query before the tables and one per table');
        await clones.assertEqual('shop', copy);
        await clones.assertNoLeftovers(copy);
      });
    }
  }

  it('does no harm when replacing tables', async () => {
    env.fail({ path: 'table/rename/archive', times: 2, action: /** @type {any} */ (LOST.reset) });
    const { errors } = await clones.inProcess({
      database: 'shop',
      newDatabase: 'archive',
      onExisting: 'overwrite',
    });
    assert.deepEqual(errors, []);
    for (const table of ['orders', 'customers', 'visits', 'returns'])
      await clones.assertSameTable('shop', 'archive', table);
    await clones.assertNoLeftovers('archive');
  });

  it('does no harm if the request was not carried out', async () => {
    const copy = fresh();
    const action = /** @type {const} */ ({ type: 'status', status: 503 });
    env.fail(
      { path: `perform/${sessionOf('orders')}`, action },
      { path: `commit/${sessionOf('customers')}`, action },
      { path: `rename/.*${sessionOf('visits')}`, action },
    );
    const { errors } = await clones.inProcess({ database: 'shop', newDatabase: copy, tableParallelism: 4 });
    assert.deepEqual(errors, []);
    await clones.assertEqual('shop', copy);
    await clones.assertNoLeftovers(copy);
  });

  it('does no harm if a commit fails: it is retried', async () => {
    const copy = fresh();
    env.fail({ path: sessionOf('orders'), action: { type: 'commit_fails' } });
    const { errors } = await clones.inProcess({ database: 'shop', newDatabase: copy });
    assert.deepEqual(errors, []);
    await clones.assertEqual('shop', copy);
  });
});

describe('concurrency', () => {
  /** The time span from the creation of each staging table to its rename, in order. */
  const tables = () => {
    const entries = env.emulator.requests();
    const of = (/** @type {RegExp} */ path) => entries.filter((entry) => path.test(requestLine(entry)));
    // The first table only checks that the key can write.
    const [, ...creates] = of(/POST .*table\/create\//);
    return creates.map((created) => {
      const staging = /petit_staging_\w+/.exec(created.path)?.[0] ?? '';
      const [renamed] = of(new RegExp(`table/rename/.*${staging}`));
      return {
        name: staging.replace(/petit_staging_[0-9a-f]{16}_/, ''),
        startMs: created.startMs,
        endMs: renamed?.endMs ?? null,
      };
    });
  };

  for (const [args, max] of /** @type {[string[], number][]} */ ([
    [[], 2],
    [['--table-parallelism', '1'], 1],
    [['--table-parallelism', '3'], 3],
  ])) {
    it(`is ${max} tables with ${args.join(' ') || 'no option'}, the largest first`, async () => {
      const copy = fresh();
      assert.equal((await clones.run(['shop', '--new-db', copy, ...args])).code, 0);
      const spans = tables();
      assert.equal(maxConcurrency(spans), max);
      const order = spans.map(({ name }) => name);
      assert.deepEqual(order.slice(0, max).sort(), ['visits', 'orders', 'customers'].slice(0, max).sort());
      assert.equal(order.at(-1), 'returns');
    });
  }
});

describe('leftovers', () => {
  it('of a killed run are deleted by the next run', async (test) => {
    const copy = fresh();
    const { child, ended } = clones.start(['shop', '--new-db', copy]);
    onRequest(test, env, ({ path }) => {
      if (/bulk_import\/perform/.test(path)) child.kill('SIGKILL');
    });
    assert.equal((await ended).signal, 'SIGKILL');
    const left = await clones.destination.leftovers(copy);
    assert.ok(left.length >= 2 && left.every((name) => STAGING.test(name)), left.join());
    const { code, stderr } = await clones.run([
      'shop',
      '--new-db',
      copy,
      '--skip-existing',
      '--workers',
      '0',
    ]);
    // The hook no longer has an effect, because its process has ended.
    assert.equal(code, 0, stderr);
    await clones.assertEqual('shop', copy);
    await clones.assertNoLeftovers(copy);
  });
});
