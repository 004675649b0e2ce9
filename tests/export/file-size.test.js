import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { cleanUpFiles, exportTables } from '../../pkg-scripts/node.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

// Tables, queries and partitions exported as sets of files.

const ROWS = 20_000;
const [prod] = readSeed('clone-shop').accounts;
const tables = [
  { name: 'large', generate: { recipe: 'tiny', rows: ROWS } },
  { name: 'empty', schema: [['n', 'long']], records: [] },
];
const seed = { accounts: [{ ...prod, databases: [{ name: 'web', tables }] }] };
const env = setUpEnv(/** @type {any} */ (seed), 'prod');

/** Row groups so small that a table has several files. */
const SMALL = ['--row-group-rows', '2000', '--file-size', '20k', '--workers', '0'];

/** @param {string[]} args */
const run = (...args) => env.td2parquet(['web', ...args]);

/** @param {string} folder */
const manifest = async (folder) => JSON.parse(await readFile(env.path(`${folder}.manifest.json`), 'utf8'));

/** Paths of all files in a folder. @param {string} folder */
async function filesOf(folder) {
  const entries = await readdir(env.path(folder), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  return paths.map((path) => path.slice(env.path(folder).length + 1)).sort();
}

/** @param {string} glob */
async function countOf(glob) {
  const connection = await (await DuckDBInstance.create()).connect();
  const result = await connection.runAndReadAll(`SELECT COUNT(*) FROM read_parquet('${env.path(glob)}')`);
  return Number(result.getRowsJson()[0]?.[0]);
}

describe('td2parquet --file-size', () => {
  it('cuts a table into files of at most that size, which the manifest lists', async () => {
    const { code, stderr } = await run('large', ...SMALL);
    assert.equal(code, 0, stderr);
    const { files, rows, partitioning } = await manifest('dataset/web_large');
    assert.ok(files.length > 2, String(files.length));
    assert.deepEqual([rows, partitioning], [ROWS, null]);
    /** @type {string[]} */
    const paths = files.map((/** @type {any} */ { path }) => path);
    assert.deepEqual(
      paths,
      files.map((/** @type {any} */ _, /** @type {number} */ n) => `part-${n}.parquet`),
    );
    assert.deepEqual(await filesOf('dataset/web_large'), [...paths].sort());
    for (const { path, bytes, sha256 } of files) {
      const content = await readFile(env.path(`dataset/web_large/${path}`));
      // Each file has a footer besides its row groups.
      assert.ok(bytes < 20 * 1024 + 8 * 1024, String(bytes));
      assert.equal(content.length, bytes);
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
    }
    assert.equal(await countOf('dataset/web_large/*.parquet'), ROWS);
    const read = await Promise.all(
      paths.map((path) => readParquet('pyarrow', env.path(`dataset/web_large/${path}`))),
    );
    assert.equal(
      read.reduce((sum, { rows }) => sum + rows.length, 0),
      ROWS,
    );
  });

  it('cuts queries and partitions too, and writes one file where one is enough', async () => {
    const query = await run('--query', 'SELECT * FROM large', ...SMALL);
    assert.equal(query.code, 0, query.stderr);
    assert.equal(await countOf('dataset/web_query/*.parquet'), ROWS);
    const year = await run('large', '--partition', 'year', '--output', 'years', ...SMALL);
    assert.equal(year.code, 0, year.stderr);
    assert.ok((await filesOf('years')).some((path) => /^year=\d+\/part-1\.parquet$/.test(path)));
    assert.equal(await countOf('years/*/*.parquet'), ROWS);
    const empty = await run('empty', '--file-size', '256MiB');
    assert.equal(empty.code, 0, empty.stderr);
    assert.deepEqual(await filesOf('dataset/web_empty'), ['part-0.parquet']);
  });

  it('is refused for a single file, and for standard output', async () => {
    for (const [output, reason] of /** @type {[string, RegExp][]} */ ([
      ['large.parquet', /"large\.parquet" is the name of a single file; name a folder/],
      ['-', /several files are in a folder, and cannot go to standard output/],
    ])) {
      const { code, stderr } = await run('large', '--file-size', '1MiB', '--output', output);
      assert.equal(code, 1, stderr);
      assert.match(stderr, reason);
    }
    assert.deepEqual(env.requests(), []);
  });

  it('replaces the whole set with --overwrite, and no folder that has other files', async () => {
    assert.equal((await run('large', ...SMALL)).code, 0);
    const before = await filesOf('dataset/web_large');
    const refused = await run('large', '--file-size', '1MiB');
    assert.equal(refused.code, 1, refused.stderr);
    await writeFile(env.path('dataset/web_large/notes.txt'), 'mine');
    const foreign = await run('large', '--file-size', '1MiB', '--overwrite');
    assert.equal(foreign.code, 1, foreign.stderr);
    assert.match(foreign.stderr, /notes\.txt" is not a file that petit wrote/);
    assert.deepEqual(await filesOf('dataset/web_large'), ['notes.txt', ...before]);
    await rename(env.path('dataset/web_large/notes.txt'), env.path('notes.txt'));
    const dry = await run('large', '--file-size', '1MiB', '--overwrite', '--dry-run');
    assert.match(dry.stdout, /^REPLACE OR DELETE: dataset\/web_large\/part-1\.parquet$/m);
    const replaced = await run('large', '--file-size', '1MiB', '--overwrite');
    assert.equal(replaced.code, 0, replaced.stderr);
    assert.deepEqual(await filesOf('dataset/web_large'), ['part-0.parquet']);
    assert.deepEqual((await readdir(env.path('dataset'))).sort(), ['web_large', 'web_large.manifest.json']);
  });

  it('keeps the old set if a file arrives in the folder while petit replaces it', async () => {
    assert.equal((await run('large', ...SMALL)).code, 0);
    const before = await manifest('dataset/web_large');
    const { errors } = await exportTables({
      ...{ account: env.account, database: 'web', tables: ['large'], workers: 0, overwrite: true },
      ...{ outputDir: env.path('dataset'), fileSize: 20_000, rowGroupRows: 2000 },
      onEvent: async ({ type }) => {
        if (type === 'progress') await writeFile(env.path('dataset/web_large/mine.csv'), 'mine');
      },
    });
    assert.equal(errors[0]?.code, 'path_conflict');
    assert.deepEqual(await manifest('dataset/web_large'), before);
    assert.equal(await readFile(env.path('dataset/web_large/mine.csv'), 'utf8'), 'mine');
    assert.equal(await countOf('dataset/web_large/*.parquet'), ROWS);
  });

  it('is killed at any moment: a reader finds the whole set or none, and the same command completes it', async () => {
    const args = ['td2parquet', 'web', 'large', '--overwrite', '--endpoint', env.account.endpoint, ...SMALL];
    const isWhole = async () => {
      const names = await readdir(env.path('dataset/web_large')).catch(() => []);
      assert.ok(
        names.length === 0 || (await countOf('dataset/web_large/*.parquet')) === ROWS,
        names.join(' '),
      );
    };
    for (const delay of [400, 700, 1000]) {
      const { child, ended } = env.start(args);
      await sleep(delay);
      child.kill('SIGKILL');
      await ended;
      await isWhole();
    }
    const { code, stderr } = await env.start(args).ended;
    assert.equal(code, 0, stderr);
    await isWhole();
    const { files } = await manifest('dataset/web_large');
    assert.equal((await filesOf('dataset/web_large')).length, files.length);
  });

  it('leaves folders of killed runs to cleanup', async () => {
    const names = new URL('../../pkg-scripts/sinks/disk/names.js', import.meta.url).href;
    const script = `import { newName } from '${names}'; process.stdout.write(newName('partial', 'web_large'));`;
    // The name of a process that has ended.
    const killed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    await mkdir(env.path(`dataset/${killed}`), { recursive: true });
    await writeFile(env.path(`dataset/${killed}/part-0.parquet`), 'PAR1');
    const { files } = await cleanUpFiles({ folder: env.path('dataset'), remove: true });
    assert.deepEqual(
      files.map(({ path, bytes }) => [path, bytes]),
      [[env.path(`dataset/${killed}`), 4n]],
    );
    assert.deepEqual(await readdir(env.path('dataset')), []);
  });
});
