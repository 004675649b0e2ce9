import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
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
const manifest = async (folder) => JSON.parse(await readFile(env.path(`${folder}/_manifest.json`), 'utf8'));

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
    for (const { path, bytes, jobs } of written.files) {
      assert.equal((await readFile(env.path(`dataset/web_visits/${path}`))).length, bytes);
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
    assert.ok(!existsSync(env.path('dataset/web_visits.partial')));
    assert.ok(!existsSync(env.path('dataset/web_visits.replaced')));
  });

  it('replaces a folder only with --overwrite, and deletes all of its old files', async () => {
    await mkdir(env.path('dataset/web_visits/day=2000-01-01'), { recursive: true });
    await writeFile(env.path('dataset/web_visits/day=2000-01-01/part-0.parquet'), 'old');
    const refused = await run(['visits', '--partition', 'month']);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /exists/);
    const { code, stderr } = await run(['visits', '--partition', 'month', '--overwrite']);
    assert.equal(code, 0, stderr);
    assert.ok(!existsSync(env.path('dataset/web_visits/day=2000-01-01')));
    assert.deepEqual(await query('dataset/web_visits', 'SELECT COUNT(*) FROM FILES'), [['5']]);
  });

  it('recovers the old folder after a kill between the two renames', async () => {
    const { code } = await run(['visits', '--partition', 'month']);
    assert.equal(code, 0);
    await rename(env.path('dataset/web_visits'), env.path('dataset/web_visits.replaced'));
    await mkdir(env.path('dataset/web_visits.partial/month=1999-01'), { recursive: true });
    const again = await run(['visits', '--partition', 'month', '--overwrite']);
    assert.equal(again.code, 0, again.stderr);
    assert.ok(!existsSync(env.path('dataset/web_visits.replaced')));
    assert.ok(!existsSync(env.path('dataset/web_visits.partial')));
    assert.equal((await manifest('dataset/web_visits')).rows, times.length);
  });

  it('is for tables, and for platforms with folders', async () => {
    const { code, stderr } = await run(['--query', 'SELECT 1', '--partition', 'day']);
    assert.equal(code, 1);
    assert.match(stderr, /partitions are for tables/);
    const { errors } = await exportTables({
      ...{ account: env.account, database: 'web', tables: ['visits'], partition: 'day' },
      platform: { openFolder: undefined },
    });
    assert.equal(errors[0]?.code, 'invalid_option');
  });
});
