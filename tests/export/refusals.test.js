import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportTables } from '../../pkg-scripts/node.js';
import { Td } from '../emulator/td.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

const env = setUpEnv(readSeed('edges'), 'acme');

const SOURCE_REFUSED =
  'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.';

describe('an unreadable source exits with 2 before petit runs or writes anything', () => {
  /** @type {[title: string, run: () => ReturnType<typeof env.td2parquet>, message: RegExp][]} */
  const cases = [
    ['an invalid key', () => env.td2parquet(['shop'], { TD_API_KEY: `7/${'0'.repeat(40)}` }), /HTTP 401/],
    [
      'a key of another site',
      () => env.td2parquet(['shop', '--endpoint', env.emulator.url('elsewhere')]),
      /HTTP 401/,
    ],
    [
      'an import-only key',
      () => env.td2parquet(['shop'], { TD_API_KEY: env.emulator.key('acme', 'import_only') }),
      /HTTP 403/,
    ],
    ['a missing database', () => env.td2parquet(['nowhere']), /HTTP 404/],
  ];
  for (const [title, run, message] of cases) {
    it(title, async () => {
      const { code, stdout, stderr } = await run();
      assert.equal(code, 2, stderr);
      const [reason = '', endpoint = '', general = ''] = stderr.split('\n');
      assert.match(reason, message);
      assert.match(endpoint, /^ {2}Endpoint: http:/);
      assert.ok(general.startsWith(`  ${SOURCE_REFUSED} `), stderr);
      assert.equal(stdout, '');
      assert.equal(env.requests().filter((request) => !request.startsWith('GET ')).length, 0);
      assert.deepEqual(await env.files(), []);
    });
  }

  it('a missing table: the error names the table that may be meant', async () => {
    const { code, stderr } = await env.td2parquet(['shop', 'orders', 'order']);
    assert.equal(code, 2);
    assert.match(stderr, /table "order".*there is no table "order" in "shop"; did you mean "orders"\?/);
    const writes = env.requests().filter((request) => !request.startsWith('GET '));
    assert.deepEqual(writes, ['POST /v3/job/issue/presto/shop'], 'one query asks whether it is a view');
    assert.deepEqual(await env.files(), []);
  });

  it('a host that does not answer exits with 1', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await once(server.close(), 'close');
    const options = ['--endpoint', `http://127.0.0.1:${port}`, '--retry-timeout', '0'];
    const { code, stderr } = await env.td2parquet(['shop', ...options]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^Error: list the tables of "shop": .*refused.*\n {2}Endpoint: .*\n.*Check the endpoint/,
    );
  });
});

describe('a failing table is reported with its reason, and the other tables continue', () => {
  it('a failed job: the error has its message', async () => {
    env.fail({ path: 'returns', action: { type: 'job_fails', message: 'Query failed: out of memory' } });
    const { code, stdout, stderr } = await env.td2parquet(['shop', 'orders', 'returns']);
    assert.equal(code, 3);
    assert.match(stderr, /^Error: table "returns": query failed \(job \d+\): .*out of memory$/m);
    assert.match(stdout, /^orders +done/m);
    assert.match(stdout, /^returns +FAILED/m);
    assert.match(stdout, /^1 of 2 exported/m);
    assert.deepEqual(await env.files(), ['shop_orders.parquet']);
  });

  it('a query that TD cannot run', async () => {
    const { code, stderr } = await env.td2parquet(['shop', '--query', 'SELECT nope FROM orders']);
    assert.equal(code, 3);
    assert.match(stderr, /^Error: query failed \(job \d+\): line 1:8: Column 'nope' cannot be resolved$/m);
    assert.doesNotMatch(stderr, /table "/);
    assert.deepEqual(await env.files(), []);
  });

  it('a job that another user kills', async () => {
    env.emulator.configure({ delays: { queued: 60_000, booting: 0, running: 0, final: 0 } });
    const { ended } = env.start(['td2parquet', 'shop', 'orders', '--endpoint', env.account.endpoint]);
    const td = new Td(env.account.endpoint, env.account.apikey);
    /** @type {string | undefined} */
    let job;
    while (job === undefined) {
      await sleep(20);
      job = env
        .requests()
        .find((request) => request.includes('/job/status/'))
        ?.replace(/.*\//, '');
    }
    await td.post(`/v3/job/kill/${job}`);
    const { code, stderr } = await ended;
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`query was killed \\(job ${job}\\)`));
    assert.match(stderr, /run the same command again/);
    assert.deepEqual(await env.files(), []);
  });

  it('a missing job', async () => {
    const { code, stderr } = await env.td2parquet(['shop', '--job-id', '1']);
    assert.equal(code, 3);
    assert.match(stderr, /job "1".*HTTP 404/);
  });

  it('a job without a result', async () => {
    const td = new Td(env.account.endpoint, env.account.apikey);
    const created = await td.query('shop', 'CREATE TABLE created AS SELECT 1 AS n');
    assert.equal(created.status, 'success');
    const { code, stderr } = await env.td2parquet(['shop', '--job-id', created.job_id]);
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`job ${created.job_id}: the job has no result\n.*Only a SELECT`));
    assert.deepEqual(await env.files(), []);
    await td.post('/v3/table/delete/shop/created');
  });

  it('values that do not fit the schema: the error names table, column and row', async () => {
    const schema = '[["id", "bigint"], ["at", "bigint"], ["day", "double"], ["time", "bigint"]]';
    env.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
    const { code, stderr, stdout } = await env.td2parquet(['shop', 'orders', '--json']);
    assert.equal(code, 3);
    const error = eventsOf(stdout).find(({ type }) => type === 'error');
    assert.deepEqual(
      [error.code, error.table, error.column, error.row],
      ['type_mismatch', 'orders', 'day', 0],
    );
    assert.match(stderr, /table "orders".*column "day", row 0: /);
    assert.deepEqual(await env.files(), []);
  });

  for (const [columns, schema] of /** @type {const} */ ([
    ['more columns', '[["id", "bigint"]]'],
    ['fewer columns', '[["a","bigint"],["b","bigint"],["c","varchar"],["d","bigint"],["e","bigint"]]'],
  ])) {
    it(`rows of ${columns} than the schema has`, async () => {
      env.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
      const { code, stderr } = await env.td2parquet(['shop', 'orders']);
      assert.equal(code, 3);
      assert.match(stderr, /table "orders".*row 0: .*columns/);
      assert.deepEqual(await env.files(), []);
    });
  }

  it('a malformed schema', async () => {
    for (const schema of ['no json', '[["a"]]', '[["a", "array("]]']) {
      env.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
      const run = { account: env.account, database: 'shop', tables: ['orders'], outputDir: env.folder };
      const { errors } = await exportTables({ ...run, workers: 0 });
      assert.deepEqual(
        errors.map(({ code, table }) => [code, table]),
        [['bad_schema', 'orders']],
        schema,
      );
    }
    assert.deepEqual(await env.files(), []);
  });

  it('fewer rows than the job reports: exit code 4 and no file', async () => {
    env.fail({ path: '/job/show', action: { type: 'patch', set: { num_records: 5 } } });
    const { code, stderr } = await env.td2parquet(['shop', 'orders']);
    assert.equal(code, 4);
    assert.match(stderr, /table "orders".*the job has 5 rows, but 4 were received/);
    assert.deepEqual(await env.files(), []);
  });
});

describe('files', () => {
  it('that exist are unchanged without --overwrite', async () => {
    await writeFile(env.path('shop_orders.parquet'), 'precious');
    const { code, stderr } = await env.td2parquet(['shop', 'orders', 'returns', '-o', '.']);
    assert.equal(code, 1);
    assert.match(stderr, /shop_orders\.parquet" already exists\n.*--overwrite/);
    assert.deepEqual(env.requests(), []);
    assert.deepEqual(await env.files(), ['shop_orders.parquet']);
    assert.equal(await readFile(env.path('shop_orders.parquet'), 'utf8'), 'precious');
  });

  it('that exist are replaced with --overwrite', async () => {
    await writeFile(env.path('shop_orders.parquet'), 'old');
    const { code } = await env.td2parquet(['shop', 'orders', '-o', '.', '--overwrite']);
    assert.equal(code, 0);
    assert.deepEqual(await env.files(), ['shop_orders.parquet']);
    assert.equal((await readParquet('hyparquet', env.path('shop_orders.parquet'))).rows.length, 4);
  });

  it('that exist are unchanged after a failing --overwrite', async () => {
    await writeFile(env.path('shop_orders.parquet'), 'precious');
    env.fail({ path: 'orders', action: { type: 'job_fails' } });
    env.fail({ path: '/job/result', action: { type: 'corrupt', atByte: 15 } });
    for (const _ of ['a failed job', 'a damaged download']) {
      const { code } = await env.td2parquet(['shop', 'orders', '-o', '.', '--overwrite']);
      assert.equal(code, 3);
      assert.deepEqual(await env.files(), ['shop_orders.parquet']);
      assert.equal(await readFile(env.path('shop_orders.parquet'), 'utf8'), 'precious');
    }
  });

  it('that appear during a run are not replaced', async () => {
    env.emulator.configure({ delays: { queued: 500, booting: 0, running: 0, final: 0 } });
    const options = ['--endpoint', env.account.endpoint, '-o', '.'];
    const { ended } = env.start(['td2parquet', 'shop', 'orders', ...options]);
    while (!env.requests().some((request) => request.startsWith('GET /v3/job/status/'))) await sleep(10);
    await writeFile(env.path('shop_orders.parquet'), 'precious');
    const { code, stderr } = await ended;
    assert.equal(code, 3);
    assert.match(stderr, /already exists/);
    assert.equal(await readFile(env.path('shop_orders.parquet'), 'utf8'), 'precious');
    assert.deepEqual(await env.files(), ['shop_orders.parquet']);
  });

  it('in a folder that cannot be created are an error', async () => {
    await writeFile(env.path('file'), '');
    const { code, stderr } = await env.td2parquet(['shop', 'orders', '-o', 'file/below']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /table "orders".*a part of the path is a file.*\n.*writable, and that the disk has free space/,
    );
  });

  it('with the name of a folder are an error', async () => {
    await mkdir(env.path('shop_orders.parquet'));
    const { code, stderr } = await env.td2parquet(['shop', 'orders', '-o', '.', '--overwrite']);
    assert.equal(code, 1);
    assert.match(stderr, /table "orders".*is a folder/);
  });

  it('that do not fit on the disk are deleted', async (t) => {
    const disk = env.path('disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      return t.skip('needs permission to mount a small file system');
    }
    try {
      const { code, stderr } = await env.td2parquet(['edges', 'wide', '-o', 'disk']);
      assert.equal(code, 3);
      assert.match(stderr, /table "wide".*no space is left on the device.*\n.*free space/);
      assert.deepEqual(await env.files(), []);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
