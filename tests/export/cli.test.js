import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { Td } from '../emulator/td.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

const env = setUpEnv(readSeed('edges'), 'acme');

/** @param {string} file @returns {Promise<string[]>} ids of the exported orders */
async function idsIn(file) {
  const { columns, rows } = await readParquet('hyparquet', env.path(file));
  return rows.map((row) => String(row[columns.indexOf('id')]).slice(2));
}

/** @returns {string[]} the requests that run a job or change data */
const writes = () => env.requests().filter((request) => !request.startsWith('GET '));

describe('petit td2parquet exports', () => {
  it('every table of a database to dataset/ if no table is named', async () => {
    const { code, stdout, stderr } = await env.td2parquet(['shop']);
    assert.equal(code, 0, stderr);
    const tables = ['orders', 'returns', 'views'];
    assert.deepEqual(
      (await env.files()).sort(),
      tables.map((table) => `shop_${table}.parquet`),
    );
    assert.equal((await idsIn('dataset/shop_orders.parquet')).length, 4);
    assert.equal((await idsIn('dataset/shop_returns.parquet')).length, 0);
    for (const table of tables)
      assert.match(stdout, new RegExp(`^${table} +done +[\\d,]+ .*dataset/shop_`, 'm'));
    assert.match(stdout, /^3 of 3 exported: 5,004 rows, /m);
    assert.equal(stderr, '');
  });

  it('each named table once to --output-dir', async () => {
    const { code, stdout } = await env.td2parquet(['shop', 'orders', 'returns', 'orders', '-o', 'a/b']);
    assert.equal(code, 0);
    assert.deepEqual((await env.files()).sort(), ['shop_orders.parquet', 'shop_returns.parquet']);
    assert.match(stdout, /2 of 2 exported/);
    assert.deepEqual(await idsIn('a/b/shop_orders.parquet'), ['1', '2', '3', '4']);
  });

  it('one table to --output', async () => {
    const { code } = await env.td2parquet(['shop', 'orders', '--output', 'mine.parquet']);
    assert.equal(code, 0);
    assert.deepEqual(await env.files(), ['mine.parquet']);
  });

  it('the result of --query to --output', async () => {
    const query = 'SELECT id FROM orders WHERE id > 2 ORDER BY id DESC';
    const { code } = await env.td2parquet(['shop', '--query', query, '--output', 'some.parquet']);
    assert.equal(code, 0);
    assert.deepEqual(await idsIn('some.parquet'), ['4', '3']);
    assert.ok(
      !env.requests().some((request) => request.includes('/table/list/')),
      'the table listing is not needed',
    );
  });

  it('the result of the query in --query-file', async () => {
    await writeFile(env.path('one.sql'), '-- the first\nSELECT MIN(id) AS id\nFROM orders\n');
    const { code } = await env.td2parquet(['shop', '--query-file', 'one.sql', '-o', 'out']);
    assert.equal(code, 0);
    assert.deepEqual(await idsIn('out/shop_query.parquet'), ['1']);
  });

  it('the result of a finished job, without running it again', async () => {
    const first = await env.td2parquet(['shop', '--query', 'SELECT id FROM orders', '--json']);
    const { job } = eventsOf(first.stdout).find(({ type }) => type === 'table');
    env.emulator.clearRequests();
    const { code } = await env.td2parquet(['shop', '--job-id', job, '--output', 'again.parquet']);
    assert.equal(code, 0);
    assert.deepEqual(writes(), []);
    assert.deepEqual(await idsIn('again.parquet'), ['1', '2', '3', '4']);
  });

  it('the result of a job after waiting for its end', async () => {
    env.emulator.configure({ delays: { queued: 300, booting: 0, running: 0, final: 0 } });
    const { ended, child } = env.start([
      ...['td2parquet', 'shop', '--endpoint', env.account.endpoint, '--progress'],
      ...['--query', 'SELECT id FROM orders', '--output', 'slow.parquet'],
    ]);
    const { code, stderr } = await ended;
    assert.equal(code, 0, `${child.pid}: ${stderr}`);
    assert.match(stderr, /^slow\.parquet: queued {2}job \d+$/m);
    assert.deepEqual(await idsIn('slow.parquet'), ['1', '2', '3', '4']);
  });
});

describe('the Parquet files', () => {
  it('follow the options', async () => {
    const { code, stderr } = await env.td2parquet([
      ...['edges', 'broken_text', 'late_values', '-o', '.', '--invalid-utf8', 'replace'],
      ...['--compression', 'gzip', '--row-group-rows', '3', '--chunk-size', '2'],
      ...['--download-parallelism', '1', '--table-parallelism', '1', '--workers', '1'],
    ]);
    assert.equal(code, 0, stderr);
    for (const [table, groups] of /** @type {const} */ ([
      ['broken_text', [3, 1]],
      ['late_values', [3, 3, 3, 2]],
    ])) {
      const file = await readFile(env.path(`edges_${table}.parquet`));
      const { buffer, byteOffset, byteLength } = file;
      const metadata = parquetMetadata(buffer.slice(byteOffset, byteOffset + byteLength));
      assert.deepEqual(
        metadata.row_groups.map((group) => Number(group.num_rows)),
        groups,
      );
      const codecs = metadata.row_groups.flatMap(({ columns }) =>
        columns.map((column) => column.meta_data?.codec),
      );
      assert.deepEqual([...new Set(codecs)], ['GZIP']);
    }
  });

  it('have row groups of about --row-group-bytes', async () => {
    const options = ['--output', 'x.parquet', '--row-group-bytes', '64KiB', '--json'];
    const { stdout } = await env.td2parquet(['shop', '--query', 'SELECT message FROM views', ...options]);
    const { job } = eventsOf(stdout).find(({ type }) => type === 'table');
    const td = new Td(env.account.endpoint, env.account.apikey);
    const { body } = await td.get(`/v3/job/result/${job}?format=msgpack.gz`);
    const rowBytes = gunzipSync(body).length / 5000;
    const { rowGroups } = await readParquet('hyparquet', env.path('x.parquet'));
    // The messages differ by a few bytes, so the groups have about the requested size.
    for (const count of rowGroups.slice(0, -1)) {
      const share = (count * rowBytes) / 2 ** 16;
      assert.ok(share > 0.97 && share < 1.03, `${rowGroups} rows of ${rowBytes} bytes`);
    }
    assert.equal(rowGroups.length, Math.ceil((5000 * rowBytes) / 2 ** 16));
  });
});

describe('a time range', () => {
  // The seed has an order in the last second before each bound, and an order at each bound.
  const january = ['--start-time', '2026-01-01', '--end-time', '2026-02-01'];
  /** @type {[title: string, options: string[], ids: string[]][]} */
  const cases = [
    ['includes its start and excludes its end', january, ['2', '3']],
    ['can have only a start', ['--start-time', '2026-01-01'], ['2', '3', '4']],
    ['can have only an end', ['--end-time', '2026-02-01'], ['1', '2', '3']],
    ['takes times with seconds', ['--end-time', '2026-01-31T23:59:59Z'], ['1', '2']],
    ['takes time zones', ['--start-time', '2026-02-01T09:00:00+09:00'], ['4']],
    ['filters a column of Unix seconds', ['--time-column', 'at', ...january], ['1', '4']],
    ['filters a text column', ['--time-column', 'day', ...january], ['1', '4']],
  ];
  for (const [title, options, ids] of cases) {
    it(title, async () => {
      const { code, stderr } = await env.td2parquet(['shop', 'orders', ...options]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(await idsIn('dataset/shop_orders.parquet'), ids);
    });
  }

  it('of the column time becomes TD_TIME_RANGE', async () => {
    const { stdout } = await env.td2parquet(['shop', 'orders', ...january, '--dry-run']);
    assert.match(stdout, /WHERE TD_TIME_RANGE\(time, 1767225600, 1769904000\)/);
  });
});

describe('--dry-run', () => {
  it('prints the plan, and runs and writes nothing', async () => {
    const { code, stdout, stderr } = await env.td2parquet(['shop', '--dry-run']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^views +5,000 .*dataset\/shop_views\.parquet +SELECT \* FROM "shop"\."views"$/m);
    assert.match(stdout, /^returns +0 +0 B /m);
    assert.match(stdout, /^3 files from the database shop\.$/m);
    assert.match(stdout, /^To export the tables, run again without --dry-run\.$/m);
    assert.deepEqual(env.requests(), ['GET /v3/table/list/shop']);
    assert.deepEqual(await env.files(), []);
  });

  it('prints every error that a run would have, and exits with 5', async () => {
    await writeFile(env.path('shop_orders.parquet'), 'precious');
    const args = ['shop', 'orders', 'nothing', 'returns', '-o', '.', '--dry-run'];
    const { code, stdout } = await env.td2parquet(args);
    assert.equal(code, 5);
    assert.match(stdout, /^ERROR: orders: .*shop_orders\.parquet" already exists/m);
    assert.match(stdout, /^ERROR: nothing: there is no table "nothing" in "shop"/m);
    assert.match(stdout, /^Fix the errors, then run again without --dry-run\.$/m);
    // One query asks whether "nothing" is a view.
    assert.deepEqual(writes(), ['POST /v3/job/issue/presto/shop']);
    assert.equal(await readFile(env.path('shop_orders.parquet'), 'utf8'), 'precious');
  });

  it('with --json prints one event, the plan', async () => {
    const { code, stdout } = await env.td2parquet(['shop', 'orders', '--dry-run', '--json']);
    assert.equal(code, 0);
    const [plan, ...rest] = eventsOf(stdout);
    assert.deepEqual(rest, []);
    assert.deepEqual([plan.type, plan.database, plan.problems], ['plan', 'shop', []]);
    assert.deepEqual(
      plan.tasks.map((/** @type {any} */ task) => [task.table, task.rows]),
      [['orders', 4]],
    );
  });
});

describe('--json', () => {
  it('prints events, one versioned object per line', async () => {
    const { code, stdout, stderr } = await env.td2parquet(['shop', '--table-parallelism', '1', '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    const events = eventsOf(stdout);
    for (const event of events) assert.equal(event.version, 1);
    const [plan, summary] = [events[0], events.at(-1)];
    assert.deepEqual([plan.type, summary.type], ['plan', 'summary']);
    // The largest table comes first, so that it does not run alone at the end.
    assert.deepEqual(
      plan.tasks.map((/** @type {any} */ task) => task.table),
      ['views', 'orders', 'returns'],
    );
    const tables = events.filter(({ type }) => type === 'table');
    assert.deepEqual(
      tables.map(({ table, state, rows }) => [table, state, rows]),
      [
        ['views', 'done', 5000],
        ['orders', 'done', 4],
        ['returns', 'done', 0],
      ],
    );
    const progress = events.filter(({ type, table }) => type === 'progress' && table === 'views');
    assert.ok(progress.some(({ phase }) => phase === 'exporting'));
    for (const { rows, totalRows } of progress) assert.ok(rows <= totalRows, `${rows}/${totalRows}`);
    assert.deepEqual([summary.rows, summary.tables.length, summary.errors], [5004, 3, []]);
    assert.equal(
      summary.bytes,
      tables.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  });

  it('prints errors as events with their codes', async () => {
    const nowhere = await env.td2parquet(['nowhere', '--json']);
    assert.equal(nowhere.code, 2);
    assert.deepEqual(
      eventsOf(nowhere.stdout).map(({ type, code }) => [type, code]),
      [['error', 'source_refused']],
    );

    env.fail({ path: 'returns', action: { type: 'job_fails', message: 'no luck' } });
    const some = await env.td2parquet(['shop', 'orders', 'returns', '--json']);
    assert.equal(some.code, 3);
    const events = eventsOf(some.stdout);
    const error = events.find(({ type }) => type === 'error');
    assert.deepEqual([error.code, error.table], ['job_failed', 'returns']);
    assert.match(error.job, /^\d+$/);
    const summary = events.at(-1);
    assert.deepEqual([summary.tables.length, summary.errors.length], [1, 1]);
  });
});

describe('progress', () => {
  const query = ['shop', '--query', 'SELECT id FROM orders', '--output', 'x.parquet'];

  it('is plain lines in a pipe with --progress', async () => {
    const { stderr } = await env.td2parquet([...query, '--progress']);
    assert.match(stderr, /^x\.parquet: exporting/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the output must have no control characters
    assert.doesNotMatch(stderr, /[\x00-\x09\x0b-\x1f\x7f]/);
  });

  it('is absent in a pipe by default and with --no-progress', async () => {
    for (const option of [[], ['--no-progress']]) {
      const { code, stderr } = await env.td2parquet([...query, '--overwrite', ...option]);
      assert.deepEqual([code, stderr], [0, '']);
    }
  });

  it('prints notes about columns on stderr', async () => {
    const { stderr } = await env.td2parquet(['shop', '--query', 'SELECT id, id FROM orders']);
    assert.match(stderr, /^Note: shop_query\.parquet: column 2, "id", is renamed to "id_2"$/m);
  });
});

describe('arguments', () => {
  it('--help starts with examples and lists the exit codes', async () => {
    const { code, stdout } = await env.start(['td2parquet', '--help']).ended;
    assert.equal(code, 0);
    assert.ok(stdout.indexOf('Examples:') < stdout.indexOf('Usage:'));
    assert.match(stdout, /Exit codes: 0 .*130 interrupted/s);
  });

  it('the options of petit-cli are accepted', async () => {
    for (const option of ['--use-incremental', '--no-use-incremental']) {
      assert.equal((await env.td2parquet(['shop', '--dry-run', option])).code, 0);
    }
  });

  /** @type {[title: string, args: string[], message: RegExp][]} */
  const invalid = [
    ['no database', [], /missing required argument 'database'/],
    ['an unknown option', ['shop', '--nope'], /unknown option '--nope'/],
    [
      'an unknown codec',
      ['shop', '--compression', 'rar'],
      /Allowed choices are snappy, zstd, gzip, lz4, none/,
    ],
    ['zero rows in a row group', ['shop', '--row-group-rows', '0'], /Expected an integer ≥ 1\./],
    ['a word for a number', ['shop', '--download-parallelism', 'many'], /Expected an integer ≥ 1\./],
    ['an invalid size', ['shop', '--row-group-bytes', '1 furlong'], /Expected a number of bytes/],
    ['two queries', ['shop', '--query', 'SELECT 1', '--query-file', 'q'], /are mutually exclusive/],
    ['a missing query file', ['shop', '--query-file', 'nowhere.sql'], /nowhere\.sql/],
    ['an empty query', ['shop', '--query', ' '], /the query is empty/],
    ['a query and a job', ['shop', '--query', 'SELECT 1', '--job-id', '1'], /are mutually exclusive/],
    [
      'a query and tables',
      ['shop', 'orders', '--query', 'SELECT 1'],
      /tables and a query or job are mutually exclusive/,
    ],
    ['a query and a time', ['shop', '--query', 'SELECT 1', '--end-time', '2026-01-01'], /time range/],
    ['two tables in one file', ['shop', 'orders', 'returns', '--output', 'x'], /one output file/],
    ['a malformed time', ['shop', '--start-time', 'yesterday'], /yesterday/],
    ['a day that does not exist', ['shop', '--start-time', '2026-02-30'], /2026-02-30/],
    [
      'a start after the end',
      ['shop', '--start-time', '2026-02-01', '--end-time', '2026-01-01'],
      /start time is not before the end time/,
    ],
    ['a time column alone', ['shop', '--time-column', 'at'], /requires a start time or an end time/],
    [
      'a missing time column',
      ['shop', 'orders', '--time-column', 'nope', '--end-time', '2026-01-01'],
      /has no column "nope"/,
    ],
  ];
  for (const [title, args, message] of invalid) {
    it(`with ${title} are an error before petit runs or writes anything`, async () => {
      const { code, stdout, stderr } = await env.td2parquet(args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^ {4}at /m);
      assert.equal(stdout, '');
      assert.deepEqual(writes(), []);
      assert.deepEqual(await env.files(), []);
    });
  }

  it('with an invalid endpoint are an error', async () => {
    const { code, stderr } = await env.td2parquet(['shop', '--endpoint', 'ftp://x']);
    assert.equal(code, 2);
    assert.match(stderr, /only https and http are supported/);
    assert.match(stderr, /such as https:\/\/api\.treasuredata\.com/);
  });

  it('with an unknown site are an error', async () => {
    const { code, stderr } = await env.start(['td2parquet', 'shop', '--site', 'mars']).ended;
    assert.equal(code, 1);
    assert.match(
      stderr,
      /argument 'mars' is invalid\. Allowed choices are aws, us01, us, aws-tokyo, ap01, .*, ap03\./,
    );
  });

  it('without a key are an error', async () => {
    for (const variables of [{}, { TD_API_KEY: '' }]) {
      const { code, stderr } = await env.td2parquet(['shop'], variables);
      assert.equal(code, 2);
      assert.match(stderr, /TD_API_KEY/);
      assert.deepEqual(env.requests(), []);
    }
  });
});
