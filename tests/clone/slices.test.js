import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

// Tables that petit copies by several jobs, each for a time range.

const [prod, mirror] = readSeed('clone-shop').accounts;
assert.ok(prod && mirror);
const DAY = 86_400;
/** Rows of several days with a gap, before and after 1970, and many rows in one second. */
const spread = [
  -3 * DAY,
  -5,
  0,
  1,
  DAY,
  ...Array.from({ length: 40 }, () => DAY + 7),
  900 * DAY,
  900 * DAY + 1,
];
const tables = [
  { name: 'visits', generate: { recipe: 'tiny', rows: 30_000 } },
  { name: 'spread', schema: [['n', 'long']], records: spread.map((time, n) => ({ time, n })) },
];
const seed = {
  accounts: [
    { ...prod, databases: [{ name: 'sliced', tables }] },
    { ...mirror, databases: [] },
  ],
};
const env = setUpEnv(seed, 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** SQL of the jobs that copied slices in this test. */
const slices = () =>
  env
    .requests()
    .filter((request) => request.startsWith('POST /v3/job/issue/presto/sliced'))
    .map(
      (_, place, all) =>
        [...env.emulator.account('prod').jobs.jobs.values()].slice(-all.length)[place]?.request.query ?? '',
    )
    .filter((sql) => sql.startsWith('SELECT "') || sql.startsWith('SELECT *'));

describe('a clone in slices', () => {
  it('is equal, and has one job per slice', async () => {
    const { code, stdout, stderr } = await clones.run([
      'sliced',
      '--new-db',
      'whole',
      '--split-rows',
      '10000',
      '--json',
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(slices().length, 3 + 1);
    await clones.assertEqual('sliced', 'whole');
    await clones.assertNoLeftovers('whole');
    const visits = eventsOf(stdout).find(
      ({ type, table, state }) => type === 'table' && state && table === 'visits',
    );
    assert.deepEqual([visits.rows, visits.via, visits.jobs.length], [30_000, 'client', 3]);
  });

  it('has every row once, for any slice size', async () => {
    for (const rows of ['1', '2', '7', '46']) {
      await clones.inProcess({
        database: 'sliced',
        newDatabase: `sliced_by_${rows}`,
        splitRows: Number(rows),
        tables: ['spread'],
      });
      await clones.assertSameTable('sliced', `sliced_by_${rows}`, 'spread');
    }
  });

  it('retries only the slice whose job fails', async () => {
    env.fail({
      path: 'TD_TIME_RANGE\\(time, NULL',
      times: 2,
      action: { type: 'job_fails', message: 'out of memory' },
    });
    const { code, stderr } = await clones.run(['sliced', '--new-db', 'retried', '--split-rows', '10000']);
    assert.equal(code, 0, stderr);
    assert.equal(slices().length, 3 + 1 + 2);
    await clones.assertEqual('sliced', 'retried');
  });

  it('fails if a slice fails repeatedly: its other jobs are killed, other tables are copied', async () => {
    env.fail({
      path: 'TD_TIME_RANGE\\(time, NULL',
      times: -1,
      action: { type: 'job_fails', message: 'no luck' },
    });
    const { code, stderr } = await clones.run(['sliced', '--new-db', 'failing', '--split-rows', '10000']);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /no luck/);
    assert.deepEqual(await clones.destination.tableNames('failing'), ['spread']);
    assert.deepEqual(await clones.source.runningJobs(), []);
    await clones.assertNoLeftovers('failing');
  });
});

describe('an export in slices', () => {
  const rowsOf = async (/** @type {string} */ file) => (await readParquet('hyparquet', env.path(file))).rows;
  const sorted = (/** @type {unknown[]} */ rows) => rows.map((row) => JSON.stringify(row)).sort();

  it('is one file with the slices in order', async () => {
    const whole = await env.td2parquet(['sliced', 'visits', 'spread']);
    assert.equal(whole.code, 0, whole.stderr);
    env.emulator.clearRequests();
    for (const [table, rows] of [
      ['visits', '7000'],
      ['spread', '9'],
    ]) {
      const cut = await env.td2parquet(['sliced', table ?? '', '--split-rows', rows ?? '', '-o', 'cut']);
      assert.equal(cut.code, 0, cut.stderr);
    }
    assert.ok(slices().length > 5);
    for (const name of ['visits', 'spread']) {
      const [actual, expected] = [
        await rowsOf(`cut/sliced_${name}.parquet`),
        await rowsOf(`dataset/sliced_${name}.parquet`),
      ];
      assert.deepEqual(sorted(actual), sorted(expected));
    }
    const times = (await rowsOf('cut/sliced_spread.parquet')).map((row) => String(row.at(-1)));
    const first = times.findIndex((time) => time.includes(String(900 * DAY)));
    assert.ok(first >= times.length - 2, 'the latest slice is the last');
  });

  it('stays within a time range', async () => {
    const range = ['--start-time', '1970-01-01', '--end-time', '1970-01-03'];
    const { code, stderr } = await env.td2parquet(['sliced', 'spread', '--split-rows', '2', ...range]);
    assert.equal(code, 0, stderr);
    assert.equal((await rowsOf('dataset/sliced_spread.parquet')).length, 43);
    for (const sql of slices()) assert.match(sql, /WHERE TD_TIME_RANGE\(time, 0, 172800\)/);
  });

  it('retries only the slice whose job fails, and leaves no file if it fails repeatedly', async () => {
    const args = ['sliced', 'visits', '--split-rows', '10000'];
    env.fail({ path: 'TD_TIME_RANGE\\(time, NULL', action: { type: 'job_fails' } });
    assert.equal((await env.td2parquet(args)).code, 0);
    assert.equal(slices().length, 4);
    assert.equal((await rowsOf('dataset/sliced_visits.parquet')).length, 30_000);
    env.fail({ path: 'TD_TIME_RANGE\\(time, NULL', times: -1, action: { type: 'job_fails' } });
    const { code } = await env.td2parquet([...args, '-o', 'none']);
    assert.equal(code, 3);
    assert.deepEqual(await env.files(), ['sliced_visits.parquet']);
    assert.deepEqual(await clones.source.runningJobs(), []);
  });
});
