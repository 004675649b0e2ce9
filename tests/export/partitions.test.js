import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { exportTables } from '../../pkg-scripts/node.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

// Tables exported as folders of partition files.

const DAY = 86_400;
const NOON = 20_000 * DAY + DAY / 2; // 2024-10-04
/** Rows of three days in two months, and one row before 1970. */
const times = [NOON, NOON + 1, NOON + DAY, NOON + 30 * DAY, -1];
const tables = [
  { name: 'visits', schema: [['n', 'long']], records: times.map((time, n) => ({ time, n })) },
  { name: 'dated', schema: [['day', 'string']], records: [{ time: NOON, day: 'Friday' }] },
  { name: 'empty', schema: [['n', 'long']], records: [] },
  { name: 'large', generate: { recipe: 'tiny', rows: 20_000 } },
];
const [prod] = readSeed('clone-shop').accounts;
const seed = {
  accounts: [{ ...prod, databases: [{ name: 'web', tables }] }],
};
const env = setUpEnv(/** @type {any} */ (seed), 'prod');

/** @param {string[]} args */
const run = (args) => env.start(['td2parquet', 'web', '--endpoint', env.account.endpoint, ...args]).ended;

/** Runs a query over the folder's files.
 * @param {string} folder @param {string} select */
async function query(folder, select) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const files = `read_parquet('${env.path(folder)}/*/*.parquet', hive_partitioning = true)`;
  const result = await connection.runAndReadAll(`${select.replace('FILES', files)}`);
  return result.getRowsJson();
}

/** @param {string} folder */
const manifest = async (folder) => JSON.parse(await readFile(env.path(`${folder}.manifest.json`), 'utf8'));

/** Names of petit's own files in a folder. @param {string} folder */
const hidden = async (folder) => (await readdir(env.path(folder))).filter((name) => name.startsWith('.'));

describe('td2parquet --partition', () => {
  it('writes a folder per day, which other readers read as one table', async () => {
    const { code, stderr } = await run(['visits', '--partition', 'day']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await query('dataset/web_visits', 'SELECT day, n, time FROM FILES ORDER BY time'), [
      ['1969-12-31', '4', '-1'],
      ['2024-10-04', '0', String(NOON)],
      ['2024-10-04', '1', String(NOON + 1)],
      ['2024-10-05', '2', String(NOON + DAY)],
      ['2024-11-03', '3', String(NOON + 30 * DAY)],
    ]);
    const written = await manifest('dataset/web_visits');
    assert.deepEqual(written.partitioning, { by: 'day', key: 'day', column: 'time', timeZone: 'UTC' });
    assert.equal(written.rows, times.length);
    assert.deepEqual(
      written.files.map((/** @type {any} */ { path, value, start, end, rows }) => ({
        path,
        value,
        start,
        end,
        rows,
      }))[1],
      {
        ...{ path: 'day=2024-10-04/part-0.parquet', value: '2024-10-04' },
        ...{ start: 20_000 * DAY, end: 20_001 * DAY, rows: 2 },
      },
    );
    for (const { path, bytes, sha256, jobs } of written.files) {
      const content = await readFile(env.path(`dataset/web_visits/${path}`));
      assert.equal(content.length, bytes);
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
      assert.equal(jobs.length, 1);
    }
  });

  it('groups rows by hour, month or year', async () => {
    for (const [unit, expected] of /** @type {[string, unknown[]][]} */ ([
      [
        'month',
        [
          ['1969-12', '1'],
          ['2024-10', '3'],
          ['2024-11', '1'],
        ],
      ],
      [
        'year',
        [
          ['1969', '1'],
          ['2024', '4'],
        ],
      ],
      [
        'hour',
        [
          ['1969-12-31T23', '1'],
          ['2024-10-04T12', '2'],
          ['2024-10-05T12', '1'],
          ['2024-11-03T12', '1'],
        ],
      ],
    ])) {
      const { code, stderr } = await run(['visits', '--partition', unit, '--output', unit]);
      assert.equal(code, 0, stderr);
      const select = `SELECT CAST(${unit} AS VARCHAR), COUNT(*) FROM FILES GROUP BY 1 ORDER BY 1`;
      assert.deepEqual(await query(unit, select), expected);
    }
  });

  it('keeps a column with the partition’s name, and writes an empty file for an empty table', async () => {
    const { code, stderr } = await run(['dated', 'empty', '--partition', 'day']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await query('dataset/web_dated', 'SELECT CAST(td_day AS VARCHAR), day FROM FILES'), [
      ['2024-10-04', 'Friday'],
    ]);
    assert.deepEqual(await query('dataset/web_empty', 'SELECT COUNT(n) FROM FILES'), [['0']]);
  });

  it('splits a large partition into several jobs, and still writes one file', async () => {
    const args = ['large', '--partition', 'year', '--split-rows', '6000', '--json'];
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    const done = eventsOf(stdout).find(({ type, state }) => type === 'table' && state === 'done');
    assert.equal(done?.rows, 20_000);
    assert.ok(done?.files >= 1);
    assert.ok(done?.jobs.length >= 4, String(done?.jobs.length));
    assert.deepEqual(await query('dataset/web_large', 'SELECT COUNT(*) FROM FILES'), [['20000']]);
  });

  it('leaves the old folder unchanged if a partition fails, and no partial folder', async () => {
    const first = await run(['visits', '--partition', 'day']);
    assert.equal(first.code, 0, first.stderr);
    const before = await manifest('dataset/web_visits');
    env.fail({
      method: 'POST',
      path: '^/v3/job/issue/presto/web',
      skip: 3,
      action: { type: 'status', status: 400 },
    });
    const second = await run(['visits', '--partition', 'day', '--overwrite']);
    assert.equal(second.code, 3, second.stderr);
    assert.deepEqual(await manifest('dataset/web_visits'), before);
    assert.deepEqual(await hidden('dataset'), []);
  });

  it('replaces an earlier export only with --overwrite, and deletes its other files by name', async () => {
    assert.equal((await run(['visits', '--partition', 'day'])).code, 0);
    await writeFile(env.path('dataset/web_visits/day=2024-10-04/mine.txt'), 'mine');
    const refused = await run(['visits', '--partition', 'month']);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /web_visits\.manifest\.json" of an earlier export already exists/);
    const { code, stderr } = await run(['visits', '--partition', 'month', '--overwrite']);
    assert.equal(code, 0, stderr);
    const names = await readdir(env.path('dataset/web_visits'), { recursive: true });
    assert.deepEqual(names.filter((name) => name.includes('.')).sort(), [
      'day=2024-10-04/mine.txt',
      ...['1969-12', '2024-10', '2024-11'].map((month) => `month=${month}/part-0.parquet`),
    ]);
    assert.deepEqual(await query('dataset/web_visits', 'SELECT COUNT(*) FROM FILES'), [['5']]);
  });

  it('never deletes what a folder holds besides: --overwrite --output of a folder of the user’s', async () => {
    const mine = ['notes.txt', 'sub/deep/keep.csv', 'year=1999/part-0.parquet', 'year=2024/other.parquet'];
    for (const name of mine) {
      await mkdir(dirname(env.path(`folder/${name}`)), { recursive: true });
      await writeFile(env.path(`folder/${name}`), 'precious');
    }
    const args = ['visits', '--partition', 'year', '--output', 'folder', '--overwrite'];
    const dry = await run([...args, '--dry-run']);
    assert.equal(dry.code, 0, dry.stdout);
    assert.match(dry.stdout, /folder\/year=1999\/part-0\.parquet/);
    assert.doesNotMatch(dry.stdout, /^DELETE/m);
    const { code, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    for (const name of mine) assert.equal(await readFile(env.path(`folder/${name}`), 'utf8'), 'precious');
    assert.equal((await manifest('folder')).files.length, 2);
  });

  it('fails before it exports rows if another file has the name of a partition', async () => {
    await mkdir(env.path('folder/year=2024'), { recursive: true });
    await writeFile(env.path('folder/year=2024/part-0.parquet'), 'precious');
    const { code, stderr } = await run([
      'visits',
      '--partition',
      'year',
      '--output',
      'folder',
      '--overwrite',
    ]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /folder\/year=2024\/part-0\.parquet exists, and the manifest .* does not list it/);
    assert.equal(await readFile(env.path('folder/year=2024/part-0.parquet'), 'utf8'), 'precious');
    assert.equal(env.requests().filter((request) => request.includes('/job/issue/')).length, 1);
    assert.deepEqual(await env.files(), ['part-0.parquet']);
  });

  it('lists in a dry run every file that is replaced or deleted', async () => {
    assert.equal((await run(['visits', '--partition', 'month'])).code, 0);
    const before = await env.files();
    const same = await run(['visits', '--partition', 'month', '--overwrite', '--dry-run']);
    assert.match(same.stdout, /^REPLACE OR DELETE: dataset\/web_visits\/month=2024-10\/part-0\.parquet$/m);
    assert.match(same.stdout, /^REPLACE: dataset\/web_visits\.manifest\.json$/m);
    const other = await run(['visits', '--partition', 'year', '--overwrite', '--dry-run']);
    assert.match(other.stdout, /^DELETE: dataset\/web_visits\/month=2024-10\/part-0\.parquet$/m);
    const refused = await run(['visits', '--partition', 'year', '--dry-run']);
    assert.equal(refused.code, 5);
    assert.deepEqual(await env.files(), before);
  });

  it('is killed at any moment, and the next run completes it', async () => {
    const args = ['large', '--partition', 'day', '--overwrite', '--workers', '0'];
    assert.equal((await run(args)).code, 0);
    const expected = (await manifest('dataset/web_large')).files.map((/** @type {any} */ { path }) => path);
    for (const delay of [300, 900]) {
      const { child, ended } = env.start(['td2parquet', 'web', '--endpoint', env.account.endpoint, ...args]);
      await sleep(delay);
      child.kill('SIGKILL');
      await ended;
    }
    const { code, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    const names = await readdir(env.path('dataset/web_large'), { recursive: true });
    assert.deepEqual(names.filter((name) => name.includes('.')).sort(), expected);
  });

  it('is for tables, and for platforms with folders', async () => {
    const { code, stderr } = await run(['--query', 'SELECT 1', '--partition', 'day']);
    assert.equal(code, 1);
    assert.match(stderr, /partitions require tables/);
    const { errors } = await exportTables({
      ...{ account: env.account, database: 'web', tables: ['visits'], partition: 'day' },
      platform: { openFolder: undefined },
    });
    assert.equal(errors[0]?.code, 'invalid_option');
  });
});
