import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, isWrite, onRequest } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

/** @import { LogEntry } from '../emulator/request-log.js' */

// Clones by TD's engine: within an account by INSERT … SELECT, to another account by result output.

const edges = readSeed('edges');
const [acme, elsewhere] = edges.accounts;
const [settings] = readSeed('clone-faithful').accounts;
assert.ok(acme && elsewhere && settings);
/** A key that cannot read the source database. */
const BLIND_KEY = '7/b11d000000000000000000000000000000000001';
const visits = [{ name: 'visits', generate: { recipe: 'tiny', rows: 60_000 } }];
const seed = {
  accounts: [
    {
      ...acme,
      keys: [
        ...acme.keys,
        {
          name: 'blind',
          key: BLIND_KEY,
          permission: /** @type {const} */ ('master'),
          databases: { small: /** @type {const} */ ('none') },
        },
      ],
      databases: [
        ...(acme.databases ?? []),
        ...(settings.databases ?? []),
        { name: 'sliced', tables: visits },
        { name: 'small', tables: [{ name: 'pairs', generate: { recipe: 'tiny', rows: 5 } }] },
      ],
    },
    elsewhere,
  ],
};
const env = setUpEnv(seed, 'acme');
const within = new Clones(env, 'acme', 'acme');
const across = new Clones(env, 'acme', 'elsewhere');
const ENGINE = ['--via', 'engine', '--allow-key-in-job'];

let count = 0;
const fresh = () => `engine_${++count}`;

/** @param {string} part @returns {LogEntry[]} */
const requests = (part) => env.emulator.requests().filter(({ path }) => path.includes(part));

/** @param {'acme' | 'elsewhere'} account @param {RegExp} sql */
const jobsOf = (account, sql) =>
  [...env.emulator.account(account).jobs.jobs.values()].filter(({ request }) =>
    sql.test(request.query ?? ''),
  );

/**
 * Makes the first job with this SQL fail after it has written its rows, as if TD lost a worker at the last moment.
 * @param {import('node:test').TestContext} test
 * @param {RegExp} sql
 */
function failOnceAfterWriting(test, sql) {
  const { jobs } = env.emulator.account('acme');
  const { start } = jobs;
  jobs.start = (request, work) => {
    if (!sql.test(request.query ?? '')) return start.call(jobs, request, work);
    jobs.start = start;
    return start.call(jobs, request, async (signal, job) => {
      await work(signal, job);
      throw new Error('a worker was lost');
    });
  };
  test.after(() => {
    jobs.start = start;
  });
}

/** Asserts that no row of a table passed through petit. */
function assertNoRowsFetched() {
  assert.deepEqual(requests('/bulk_import/').filter(isWrite), []);
  const results = requests('/job/result/');
  assert.ok(
    results.every(({ bytesOut }) => bytesOut < 200),
    'the results are only counts',
  );
}

for (const [way, clones, args] of /** @type {const} */ ([
  ['within an account', within, []],
  ['to another account', across, ENGINE],
])) {
  describe(`a clone by TD’s engine ${way}`, () => {
    it('has the same types and row bytes, and no row passes through petit', async () => {
      for (const database of ['edges', 'settings']) {
        const copy = fresh();
        env.emulator.clearRequests();
        const { code, stderr } = await clones.run([database, '--new-db', copy, ...args]);
        assert.equal(code, 0, stderr);
        assertNoRowsFetched();
        await clones.assertEqual(database, copy);
        await clones.assertNoLeftovers(copy);
      }
    });

    it('stores records under the column keys of the source, not under the aliases', async () => {
      const copy = fresh();
      assert.equal((await clones.run(['settings', '--new-db', copy, ...args])).code, 0);
      const keysOf = (/** @type {string} */ account, /** @type {string} */ database) => {
        const { files } = env.emulator.account(account).catalog.table(database, 'aliased');
        return [...new Set(files.flatMap((file) => file.columns.map(({ key }) => key)))].sort();
      };
      assert.deepEqual(keysOf(clones.to, copy), keysOf('acme', 'settings'));
    });

    it('replaces or skips existing tables as requested', async () => {
      const copy = fresh();
      const run = (/** @type {string[]} */ ...more) =>
        clones.run(['small', '--new-db', copy, ...args, ...more]);
      assert.equal((await run()).code, 0);
      assert.equal((await run()).code, 1);
      assert.equal((await run('--skip-existing')).code, 0);
      assert.equal((await run('--overwrite')).code, 0);
      await clones.assertEqual('small', copy);
      await clones.assertNoLeftovers(copy);
    });

    it('splits a table by time into jobs of about --split-rows rows, each with its own domain key', async () => {
      const copy = fresh();
      const { code, stdout, stderr } = await clones.run([
        ...['sliced', '--new-db', copy, ...args],
        ...['--split-rows', '10000', '--json'],
      ]);
      assert.equal(code, 0, stderr);
      await clones.assertEqual('sliced', copy);
      const jobs = jobsOf('acme', /petit_staging_(.|\n)* FROM .*TD_TIME_RANGE/).filter(
        ({ request }) => request.database === copy || request.resultUrl?.includes(copy),
      );
      const moving = jobs.filter(({ request }) => !/^SELECT COUNT/.test(request.query ?? ''));
      assert.equal(moving.length, 6);
      assert.equal(new Set(moving.map(({ request }) => request.domainKey)).size, 6);
      assert.ok(moving.every(({ request }) => request.retryLimit === 0));
      const phases = eventsOf(stdout).flatMap(({ type, phase }) => (type === 'progress' ? [phase] : []));
      assert.ok(phases.includes('slice 6 of 6 done'), phases.join(', '));
      const [table] = eventsOf(stdout).filter(({ type }) => type === 'table');
      assert.deepEqual([table.via, table.rows, table.jobs.length], ['engine', 60_000, 6]);
    });

    it('retries only the slice whose job fails', async () => {
      const copy = fresh();
      env.fail({
        path: 'TD_TIME_RANGE\\(time, NULL',
        action: { type: 'job_fails', message: 'out of memory' },
      });
      const before = jobsOf('acme', /TD_TIME_RANGE/).length;
      const { code, stderr } = await clones.run([
        'sliced',
        '--new-db',
        copy,
        ...args,
        '--split-rows',
        '20000',
      ]);
      assert.equal(code, 0, stderr);
      await clones.assertEqual('sliced', copy);
      const statements = jobsOf('acme', /TD_TIME_RANGE/).slice(before);
      const moving = statements.filter(({ request }) => !/^SELECT COUNT/.test(request.query ?? ''));
      assert.equal(moving.length, 4, 'three slices, one of them twice');
    });

    it('does not retry a slice with --verify none', async () => {
      const copy = fresh();
      env.fail({ path: 'TD_TIME_RANGE\\(time, NULL', action: { type: 'job_fails', message: 'lost' } });
      const options = ['--split-rows', '20000', '--verify', 'none'];
      const { code, stderr } = await clones.run(['sliced', '--new-db', copy, ...args, ...options]);
      assert.equal(code, 3, stderr);
      await clones.assertNoLeftovers(copy);
    });

    it('restarts a table if a failed job has written rows, without duplicates', async (test) => {
      const copy = fresh();
      failOnceAfterWriting(test, /TD_TIME_RANGE\(time, NULL/);
      const { code, stderr } = await clones.run([
        'sliced',
        '--new-db',
        copy,
        ...args,
        '--split-rows',
        '20000',
      ]);
      assert.equal(code, 0, stderr);
      await clones.assertEqual('sliced', copy);
      await clones.assertNoLeftovers(copy);
    });

    it('fails a table if a slice fails repeatedly: it kills the other jobs and publishes nothing', async () => {
      const copy = fresh();
      env.fail({
        path: 'TD_TIME_RANGE\\(time, NULL',
        times: -1,
        action: { type: 'job_fails', message: 'no luck' },
      });
      const { code, stderr } = await clones.run([
        'sliced',
        '--new-db',
        copy,
        ...args,
        '--split-rows',
        '20000',
      ]);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /no luck/);
      assert.deepEqual(await clones.destination.tableNames(copy), []);
      await clones.assertNoLeftovers(copy);
      assert.deepEqual(await clones.source.runningJobs(), []);
    });

    it('starts one job even if the response is lost', async () => {
      for (const lost of /** @type {const} */ ([
        { type: 'reset', carriedOut: true },
        { type: 'status', status: 500, carriedOut: true },
      ])) {
        const copy = fresh();
        env.fail({ method: 'POST', path: '/job/issue/', skip: 1, times: 3, action: lost });
        const { code, stderr } = await clones.run(['small', '--new-db', copy, ...args]);
        assert.equal(code, 0, stderr);
        await clones.assertEqual('small', copy);
        const moving = jobsOf('acme', /petit_staging/).filter(
          ({ request }) =>
            (request.database === copy || request.resultUrl?.includes(copy)) &&
            !/^SELECT COUNT/.test(request.query ?? ''),
        );
        assert.equal(moving.length, 1);
        env.emulator.faults.clear();
      }
    });

    it('fails a table with missing rows, and does not publish it', async () => {
      const copy = fresh();
      const lost = way === 'within an account' ? { records_inserted: '4' } : { num_records: 4 };
      const path = way === 'within an account' ? '/job/statistics/' : '/job/show/';
      env.fail({ path, times: -1, account: 'acme', action: { type: 'patch', set: lost } });
      const { code, stderr } = await clones.run(['small', '--new-db', copy, ...args]);
      assert.equal(code, 4, stderr);
      assert.match(stderr, /the source has 5 rows, but 4 were written/);
      assert.deepEqual(await clones.destination.tableNames(copy), []);
    });

    it('kills its job after an interrupt, and leaves nothing behind', async (test) => {
      const copy = fresh();
      env.emulator.configure({ delays: { queued: 0, booting: 0, running: 60_000, final: 0 } });
      const { child, ended } = clones.start(['small', '--new-db', copy, ...args]);
      let issued = 0;
      onRequest(test, env, ({ method, path }) => {
        if (method === 'POST' && path.includes('/job/issue/')) {
          issued += 1;
          if (issued < 3) env.emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
          else env.emulator.configure({ delays: { queued: 0, booting: 0, running: 60_000, final: 0 } });
        }
        if (issued === 3 && path.includes('/job/status/')) child.kill('SIGINT');
      });
      const { code, stderr } = await ended;
      assert.equal(code, 130, stderr);
      await clones.assertNoLeftovers(copy);
      assert.deepEqual(await clones.source.runningJobs(), []);
      const moving = jobsOf('acme', /petit_staging/).at(-1);
      assert.equal(moving?.status, 'killed');
    });

    it('kills the job of an earlier, killed run and then copies every table', async (test) => {
      const copy = fresh();
      const { child, ended } = clones.start(['small', '--new-db', copy, ...args]);
      let issued = 0;
      onRequest(test, env, ({ method, path }) => {
        if (method === 'POST' && path.includes('/job/issue/')) issued += 1;
        const running = issued === 3 ? 60_000 : 0;
        env.emulator.configure({ delays: { queued: 0, booting: 0, running, final: 0 } });
        if (issued === 3 && path.includes('/job/status/')) child.kill('SIGKILL');
      });
      assert.equal((await ended).signal, 'SIGKILL');
      issued = 100;
      const dry = await clones.run(['small', '--new-db', copy, ...args, '--dry-run']);
      assert.match(dry.stdout, /^ {2}job \d+, which is still running and will be killed$/m);
      const again = await clones.run(['small', '--new-db', copy, ...args, '--skip-existing']);
      assert.equal(again.code, 0, again.stderr);
      await clones.assertEqual('small', copy);
      await clones.assertNoLeftovers(copy);
      assert.deepEqual(await clones.source.runningJobs(), []);
    });
  });
}

describe('the choice of client or engine', () => {
  it('is in the plan of each table, with its reason', async () => {
    const plan = async (/** @type {Clones} */ clones, /** @type {string[]} */ ...args) => {
      const { stdout } = await clones.run(['small', '--new-db', 'never', '--dry-run', ...args]);
      return stdout;
    };
    assert.match(await plan(within), /^CREATE +pairs +5 .* engine +1$/m);
    assert.match(await plan(within), /^Via engine: source and destination are the same account\.$/m);
    assert.match(await plan(within, '--via', 'client'), /^Via client: as requested\.$/m);
    assert.match(await plan(across), /^Via client: source and destination may be different accounts\.$/m);
    assert.match(
      await plan(across, ...ENGINE),
      /^Via engine: as requested; TD writes .* stores the destination's key/m,
    );
    assert.match(await plan(within, '--split-rows', '2'), / engine +3$/m);
    assert.equal((await within.run(['small', '--via', 'magic'])).code, 1);
    assert.deepEqual(env.emulator.requests().filter(isWrite), []);
  });

  it('is the client if the destination’s key cannot read the source', async () => {
    const variables = { DEST_API_KEY: BLIND_KEY };
    const { stdout } = await within.run(['small', '--new-db', 'never', '--dry-run'], variables);
    assert.match(stdout, /^Via client: same account, but the destination's key may not read the source\.$/m);
    const copy = fresh();
    const { code, stderr } = await within.run(['small', '--new-db', copy, ...ENGINE], variables);
    assert.equal(code, 0, stderr);
    await within.assertEqual('small', copy);
    assert.equal(
      jobsOf('acme', /petit_staging/)
        .at(-2)
        ?.request.resultUrl?.startsWith('td://7%2Fb11d'),
      true,
    );
  });
});

it('invalid options are an error, and petit writes nothing', async () => {
  for (const args of [
    ['--shard', '0/3'],
    ['--shard', '4/3'],
    ['--shard', 'half'],
    ['--split-rows', '0'],
  ]) {
    const { code, stderr } = await within.run(['small', '--new-db', 'never', ...args]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /shard|Expected an integer|i\/n/);
  }
  assert.deepEqual(env.emulator.requests().filter(isWrite), []);
});
