import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { exportTables } from '../../pkg-scripts/node.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

// td2parquet --partition … --update: only what changed is exported again.

const DAY = 86_400;
const NOON = 20_000 * DAY + DAY / 2; // 2024-10-04
const records = [0, 1, 1, 2].map((day, n) => ({ time: NOON + day * DAY, n }));
const schema = [['n', 'long']];
const tables = [
  { name: 'visits', schema, records },
  { name: 'other', schema, records },
];
const [prod] = readSeed('clone-shop').accounts;
const seed = { accounts: [{ ...prod, databases: [{ name: 'web', tables }] }] };
const env = setUpEnv(/** @type {any} */ (seed), 'prod');

const JOURNAL = new URL('../../pkg-scripts/sinks/disk/journal.js', import.meta.url).href;
const FOLDER = 'dataset/web_visits';
const MANIFEST = `${FOLDER}.manifest.json`;
const file = (/** @type {number} */ day) => `day=2024-10-0${4 + day}/part-0.parquet`;

/** @param {string[]} args */
const update = (...args) => env.td2parquet(['web', 'visits', '--partition', 'day', '--update', ...args]);

/** Runs an update that must succeed. @param {string[]} args */
async function updated(...args) {
  env.emulator.clearRequests();
  const { code, stdout, stderr } = await update('--json', ...args);
  assert.equal(code, 0, stderr + stdout);
  const done = eventsOf(stdout).find(({ type, state }) => type === 'table' && state === 'done');
  const { files, kept, removed } = done ?? {};
  const jobs = env.requests().filter((request) => request.includes('/job/issue/')).length;
  return { files, kept, removed, jobs };
}

const manifest = async () => JSON.parse(await readFile(env.path(MANIFEST), 'utf8'));

/** @typedef {{ time: number, n: number }} Row */
/** The rows of the source table. @type {Row[]} */
let source = [];

/** Changes the rows of the source table. @param {(rows: Row[]) => Row[]} changed */
async function change(changed) {
  source = changed(source);
  await env.emulator.account('prod').catalog.deleteTable('web', 'visits');
  const databases = [{ name: 'web', tables: [{ name: 'visits', schema, records: source }] }];
  await env.emulator.loadSeed(/** @type {any} */ ({ accounts: [{ ...prod, databases }] }));
}

beforeEach(() => change(() => records));

/** @param {string} select */
async function query(select) {
  const connection = await (await DuckDBInstance.create()).connect();
  const files = `read_parquet('${env.path(FOLDER)}/*/*.parquet', hive_partitioning = true)`;
  return (await connection.runAndReadAll(select.replace('FILES', files))).getRowsJson();
}

const numbers = async () => (await query('SELECT n FROM FILES ORDER BY n')).flat().map(Number);

/** Rows as pyarrow counts them. */
async function countWithPyarrow() {
  const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
  const script =
    'import sys, pyarrow.dataset as d; print(d.dataset(sys.argv[1], partitioning="hive").count_rows())';
  const { stdout } = await promisify(execFile)(python, ['-c', script, env.path(FOLDER)]);
  return Number(stdout);
}

/** Counts the rows with Python's readers again and again. */
function pollWithPython() {
  const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
  const child = spawn(python, ['-u', '-c', POLL, env.path(FOLDER)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** Waits until each reader has read the folder once more. */
    next: async () => {
      child.stdin.write('\n');
      assert.equal((await lines.next()).value, 'read');
    },
    /** @returns {Promise<Record<string, number[]>>} the counts of each reader, in their order */
    end: async () => {
      child.stdin.end();
      return JSON.parse((await lines.next()).value);
    },
  };
}

/**
 * Answers each line of its input after one more reading; without a line it goes on reading. Polars opens a file twice, and
 * refuses one that was replaced in between; it then reads again.
 */
const POLL = `
import json, select, sys
import duckdb, polars, pyarrow.dataset as dataset
folder = sys.argv[1]
readers = {
    'pyarrow': lambda: dataset.dataset(folder, partitioning='hive').to_table().num_rows,
    'Polars': lambda: polars.scan_parquet(folder + '/*/*.parquet', hive_partitioning=True).collect().height,
    'DuckDB': lambda: duckdb.sql(f"SELECT n FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true)").fetchall().__len__(),
}
counts = {name: [] for name in readers}
def count(read):
    for attempt in range(100):
        try:
            return read()
        except polars.exceptions.ComputeError as error:
            if 'out of specification' not in str(error): raise
    raise Exception('refused 100 times')
while True:
    asked = select.select([sys.stdin], [], [], 0)[0]
    line = sys.stdin.readline() if asked else None
    if line == '':
        break
    for name, read in readers.items():
        counts[name].append(count(read))
    if line:
        print('read')
print(json.dumps(counts))
`;

describe('td2parquet --partition --update', () => {
  it('exports everything the first time, and nothing if nothing changed: one query, no rows', async () => {
    assert.deepEqual(await updated(), { files: 3, kept: 0, removed: 0, jobs: 4 });
    const before = await readFile(env.path(MANIFEST), 'utf8');
    assert.deepEqual(await updated(), { files: 0, kept: 3, removed: 0, jobs: 1 });
    assert.equal(await readFile(env.path(MANIFEST), 'utf8'), before);
    assert.match((await update()).stdout, /visits +unchanged +0/);
  });

  it('exports the partition of a late row again, and removes one that is gone', async () => {
    await updated();
    await change((rows) => [...rows.filter(({ n }) => n !== 0), { time: NOON + DAY, n: 9 }]);
    const dry = await update('--dry-run');
    assert.equal(dry.code, 0, dry.stdout);
    assert.match(
      dry.stdout,
      /^EXPORT: dataset\/web_visits\/day=2024-10-05 \(other rows: 3 rows, 2 before\)$/m,
    );
    assert.match(dry.stdout, new RegExp(`^REPLACE: ${FOLDER}/${file(1)}$`, 'm'));
    assert.match(dry.stdout, new RegExp(`^DELETE: ${FOLDER}/${file(0)}$`, 'm'));
    assert.deepEqual(await numbers(), [0, 1, 2, 3]);
    const kept = (await manifest()).files[2];
    assert.deepEqual(await updated(), { files: 1, kept: 1, removed: 1, jobs: 2 });
    assert.deepEqual(await numbers(), [1, 2, 3, 9]);
    assert.equal(await countWithPyarrow(), 4);
    const { files, rows } = await manifest();
    assert.deepEqual([files.length, rows, files[1]], [2, 4, kept]);
  });

  it('leaves the files of a user in the folders of partitions', async () => {
    await updated();
    const mine = [
      `${FOLDER}/notes.txt`,
      `${FOLDER}/day=2024-10-04/mine.csv`,
      `${FOLDER}/day=2024-10-05/mine.csv`,
    ];
    for (const path of mine) await writeFile(env.path(path), path);
    // The first partition is gone, the second has another row, the third stays.
    await change((rows) => [...rows.filter(({ n }) => n !== 0), { time: NOON + DAY, n: 9 }]);
    assert.deepEqual(await updated(), { files: 1, kept: 1, removed: 1, jobs: 2 });
    for (const path of mine) assert.equal(await readFile(env.path(path), 'utf8'), path);
    assert.deepEqual(await readdir(env.path(`${FOLDER}/day=2024-10-04`)), ['mine.csv']);
    assert.deepEqual(await numbers(), [1, 2, 3, 9]);
  });

  it('finds changed rows of the same number only with --verify full', async () => {
    assert.equal((await updated('--verify', 'full')).files, 3);
    await change((rows) => rows.map((row) => (row.n === 3 ? { ...row, n: 30 } : row)));
    assert.equal((await updated()).files, 0);
    assert.equal((await updated('--verify', 'full')).files, 1);
    assert.deepEqual(await numbers(), [0, 1, 2, 30]);
    assert.equal((await updated('--verify', 'full')).files, 0);
  });

  it('writes files again that are missing or changed on the disk', async () => {
    await updated();
    await rm(env.path(`${FOLDER}/${file(0)}`));
    const path = env.path(`${FOLDER}/${file(1)}`);
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1; // The same size.
    await writeFile(path, bytes);
    assert.deepEqual(await updated(), { files: 2, kept: 1, removed: 0, jobs: 3 });
    assert.deepEqual(await numbers(), [0, 1, 2, 3]);
  });

  it('completes a run that was killed between two files', async () => {
    await updated();
    // The moment after the first rename of an update that replaces two files and removes a third.
    const files = [file(0), file(1), 'day=2024-09-01/part-0.parquet'];
    // A process that has ended wrote it.
    const script = `import { Journal } from '${JOURNAL}';
      const journal = await Journal.open(process.argv[1]);
      await journal.write(process.argv.slice(2));
      await journal.abandon();`;
    const args = ['--input-type=module', '-e', script, env.path(MANIFEST), ...files];
    await promisify(execFile)(process.execPath, args);
    await writeFile(env.path(`${FOLDER}/${file(0)}`), await readFile(env.path(`${FOLDER}/${file(2)}`)));
    assert.deepEqual(await updated(), { files: 2, kept: 1, removed: 0, jobs: 3 });
    assert.deepEqual(await numbers(), [0, 1, 2, 3]);
    assert.deepEqual((await readdir(env.path('dataset'))).sort(), ['web_visits', 'web_visits.manifest.json']);
    assert.equal((await updated()).files, 0);
  });

  it('keeps the folder readable and whole at every moment of an update', async () => {
    await updated();
    await change((rows) => [...rows, ...rows.map(({ time, n }) => ({ time, n: n + 100 }))]);
    /** @type {Promise<number>[]} */
    const counts = [];
    const { errors } = await exportTables({
      ...{
        account: env.account,
        database: 'web',
        tables: ['visits'],
        partition: 'day',
        update: true,
        workers: 0,
      },
      outputDir: env.path('dataset'),
      onEvent: () => counts.push(query('SELECT COUNT(*) FROM FILES').then((rows) => Number(rows[0]?.[0]))),
    });
    assert.deepEqual(errors, []);
    // Each partition doubles: 1, 2 and 1 rows.
    for (const count of await Promise.all(counts)) assert.ok(count >= 4 && count <= 8, String(count));
    assert.equal(await countWithPyarrow(), 8);
  });

  it('is one table for pyarrow, Polars and DuckDB while updates replace its files', async () => {
    await updated();
    const readers = pollWithPython();
    await readers.next();
    for (const offset of [100, 200, 300]) {
      await change((rows) => [...rows, ...rows.map(({ time, n }) => ({ time, n: n + offset }))]);
      assert.equal((await updated()).files, 3);
      await readers.next();
    }
    const seen = await readers.end();
    for (const [reader, counts] of Object.entries(seen)) {
      assert.deepEqual([counts[0], counts.at(-1)], [4, 32], reader);
      // Each partition is as before an update or as after it.
      assert.ok(
        counts.every((count, index) => index === 0 || count >= (counts[index - 1] ?? 0)),
        `${reader}: ${counts}`,
      );
    }
  });

  it('refuses a manifest of another table, a damaged one, and a folder without one', async () => {
    await updated();
    const text = await readFile(env.path(MANIFEST), 'utf8');
    const other = await env.td2parquet([
      'web',
      'other',
      '--partition',
      'day',
      '--update',
      '--output',
      FOLDER,
    ]);
    assert.equal(other.code, 1, other.stderr);
    assert.match(other.stderr, /it is of the table "web"\."visits"/);
    const ranged = await update('--start-time', '2024-10-05');
    assert.match(ranged.stderr, /the rows or columns of another query/);
    for (const damaged of [text.slice(0, -20), text.replaceAll('"sha256"', '"x"')]) {
      await writeFile(env.path(MANIFEST), damaged);
      const { code, stderr } = await update();
      assert.equal(code, 1, stderr);
      assert.match(stderr, /manifest/);
    }
    await rm(env.path(MANIFEST));
    const without = await update();
    assert.equal(without.code, 1, without.stderr);
    assert.match(without.stderr, /day=2024-10-04\/part-0\.parquet" exists, but no manifest lists it/);
    assert.deepEqual(await numbers(), [0, 1, 2, 3]);
  });

  it('updates sets of files, and stops if the columns changed', async () => {
    await updated('--file-size', '1MiB');
    await change((rows) => [...rows, { time: NOON, n: 7 }]);
    assert.deepEqual(await updated('--file-size', '1MiB'), { files: 1, kept: 2, removed: 0, jobs: 2 });
    assert.deepEqual(await numbers(), [0, 1, 2, 3, 7]);
    const changed = (await readFile(env.path(MANIFEST), 'utf8')).replace(
      '"tableSchema": "',
      '"tableSchema": " ',
    );
    await writeFile(env.path(MANIFEST), changed);
    const { code, stderr } = await update('--file-size', '1MiB');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /--overwrite instead of --update/);
  });
});
