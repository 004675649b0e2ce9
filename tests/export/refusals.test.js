import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportTables } from '../../pkg-scripts/node.js';
import { Td } from '../emulator/td.js';
import { eventsOf, readSeed, surroundings } from '../support/index.js';
import { readParquet } from '../support/readers.js';

const here = surroundings(readSeed('edges'), 'acme');

const SOURCE_REFUSED =
  'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.';

describe('a source that cannot be read ends with exit code 2, before anything is run or written', () => {
  /** @type {[what: string, run: () => ReturnType<typeof here.td2parquet>, says: RegExp][]} */
  const cases = [
    ['a wrong key', () => here.td2parquet(['shop'], { TD_API_KEY: `7/${'0'.repeat(40)}` }), /HTTP 401/],
    [
      'a good key on another site',
      () => here.td2parquet(['shop', '--endpoint', here.emulator.url('elsewhere')]),
      /HTTP 401/,
    ],
    [
      'a key that may only import',
      () => here.td2parquet(['shop'], { TD_API_KEY: here.emulator.key('acme', 'import_only') }),
      /HTTP 403/,
    ],
    ['a database that is not there', () => here.td2parquet(['nowhere']), /HTTP 404/],
  ];
  for (const [what, run, says] of cases) {
    it(what, async () => {
      const { code, stdout, stderr } = await run();
      assert.equal(code, 2, stderr);
      assert.ok(stderr.startsWith(`Error: ${SOURCE_REFUSED}\n`), stderr);
      assert.match(stderr, says);
      assert.equal(stdout, '');
      assert.equal(here.requests().filter((request) => !request.startsWith('GET ')).length, 0);
      assert.deepEqual(await here.files(), []);
    });
  }

  it('a table that is not there: the tables that are, are named', async () => {
    const { code, stderr } = await here.td2parquet(['shop', 'orders', 'order']);
    assert.equal(code, 2);
    assert.match(stderr, /table "order".*there is no table "order" in "shop"; its tables are "orders"/);
    assert.deepEqual(here.requests(), ['GET /v3/table/list/shop']);
    assert.deepEqual(await here.files(), []);
  });

  it('a host that nobody answers at', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await once(server.close(), 'close');
    const options = ['--endpoint', `http://127.0.0.1:${port}`, '--retry-timeout', '0'];
    const { code, stderr } = await here.td2parquet(['shop', ...options]);
    assert.equal(code, 1);
    assert.match(stderr, /^Error: list the tables of "shop": .*refused.*\n.*Check the endpoint/);
  });
});

describe('a table that fails is named with its reason, and does not stop the others', () => {
  it('a failed job: its own words are shown', async () => {
    here.fail({ path: 'returns', action: { type: 'job_fails', message: 'Query failed: out of memory' } });
    const { code, stdout, stderr } = await here.td2parquet(['shop', 'orders', 'returns']);
    assert.equal(code, 3);
    assert.match(stderr, /^Error: table "returns": job \d+ failed: .*out of memory$/m);
    assert.match(stdout, /^orders +done/m);
    assert.match(stdout, /^returns +FAILED/m);
    assert.match(stdout, /^1 of 2 exported/m);
    assert.deepEqual(await here.files(), ['shop_orders.parquet']);
  });

  it('a query that TD cannot run', async () => {
    const { code, stderr } = await here.td2parquet(['shop', '--query', 'SELECT nope FROM orders']);
    assert.equal(code, 3);
    assert.match(stderr, /Column 'nope' cannot be resolved/);
    assert.deepEqual(await here.files(), []);
  });

  it('a job that somebody kills', async () => {
    here.emulator.configure({ delays: { queued: 60_000, booting: 0, running: 0, final: 0 } });
    const { ended } = here.start(['td2parquet', 'shop', 'orders', '--endpoint', here.account.endpoint]);
    const td = new Td(here.account.endpoint, here.account.apikey);
    /** @type {string | undefined} */
    let job;
    while (job === undefined) {
      await sleep(20);
      job = here
        .requests()
        .find((request) => request.includes('/job/status/'))
        ?.replace(/.*\//, '');
    }
    await td.post(`/v3/job/kill/${job}`);
    const { code, stderr } = await ended;
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`job ${job} was killed`));
    assert.match(stderr, /run the same command again/);
    assert.deepEqual(await here.files(), []);
  });

  it('a job that is not there', async () => {
    const { code, stderr } = await here.td2parquet(['shop', '--job-id', '1']);
    assert.equal(code, 3);
    assert.match(stderr, /job "1".*HTTP 404/);
  });

  it('a job without a result', async () => {
    const td = new Td(here.account.endpoint, here.account.apikey);
    const made = await td.query('shop', 'CREATE TABLE made_here AS SELECT 1 AS n');
    assert.equal(made.status, 'success');
    const { code, stderr } = await here.td2parquet(['shop', '--job-id', made.job_id]);
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`job ${made.job_id}: the job has no result\n.*Only a SELECT`));
    assert.deepEqual(await here.files(), []);
    await td.post('/v3/table/delete/shop/made_here');
  });

  it('values that do not fit the schema: table, column and row are named', async () => {
    const schema = '[["id", "bigint"], ["at", "bigint"], ["day", "double"], ["time", "bigint"]]';
    here.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
    const { code, stderr, stdout } = await here.td2parquet(['shop', 'orders', '--json']);
    assert.equal(code, 3);
    const error = eventsOf(stdout).find(({ type }) => type === 'error');
    assert.deepEqual(
      [error.code, error.table, error.column, error.row],
      ['type_mismatch', 'orders', 'day', 0],
    );
    assert.match(stderr, /table "orders".*column "day", row 0: /);
    assert.deepEqual(await here.files(), []);
  });

  for (const [what, schema] of /** @type {const} */ ([
    ['more columns', '[["id", "bigint"]]'],
    ['fewer columns', '[["a","bigint"],["b","bigint"],["c","varchar"],["d","bigint"],["e","bigint"]]'],
  ])) {
    it(`rows of ${what} than the schema has`, async () => {
      here.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
      const { code, stderr } = await here.td2parquet(['shop', 'orders']);
      assert.equal(code, 3);
      assert.match(stderr, /table "orders".*row 0: .*columns/);
      assert.deepEqual(await here.files(), []);
    });
  }

  it('a schema that cannot be read', async () => {
    for (const schema of ['no json', '[["a"]]', '[["a", "array("]]']) {
      here.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
      const run = { account: here.account, database: 'shop', tables: ['orders'], outputDir: here.folder };
      const { errors } = await exportTables({ ...run, workers: 0 });
      assert.deepEqual(
        errors.map(({ code, table }) => [code, table]),
        [['bad_schema', 'orders']],
        schema,
      );
    }
    assert.deepEqual(await here.files(), []);
  });

  it('fewer rows than the job counted: exit code 4, and no file', async () => {
    here.fail({ path: '/job/show', action: { type: 'patch', set: { num_records: 5 } } });
    const { code, stderr } = await here.td2parquet(['shop', 'orders']);
    assert.equal(code, 4);
    assert.match(stderr, /table "orders".*the job has 5 rows, but 4 were received/);
    assert.deepEqual(await here.files(), []);
  });
});

describe('files', () => {
  it('that exist stay as they are, without --overwrite', async () => {
    await writeFile(here.path('shop_orders.parquet'), 'precious');
    const { code, stderr } = await here.td2parquet(['shop', 'orders', 'returns', '-o', '.']);
    assert.equal(code, 1);
    assert.match(stderr, /shop_orders\.parquet" exists already\n.*--overwrite/);
    assert.deepEqual(here.requests(), ['GET /v3/table/list/shop']);
    assert.deepEqual(await here.files(), ['shop_orders.parquet']);
    assert.equal(await readFile(here.path('shop_orders.parquet'), 'utf8'), 'precious');
  });

  it('that exist are replaced with --overwrite', async () => {
    await writeFile(here.path('shop_orders.parquet'), 'old');
    const { code } = await here.td2parquet(['shop', 'orders', '-o', '.', '--overwrite']);
    assert.equal(code, 0);
    assert.deepEqual(await here.files(), ['shop_orders.parquet']);
    assert.equal((await readParquet('hyparquet', here.path('shop_orders.parquet'))).rows.length, 4);
  });

  it('that exist outlive an --overwrite that fails', async () => {
    await writeFile(here.path('shop_orders.parquet'), 'precious');
    here.fail({ path: 'orders', action: { type: 'job_fails' } });
    here.fail({ path: '/job/result', action: { type: 'corrupt', atByte: 15 } });
    for (const _ of ['a failed job', 'a damaged download']) {
      const { code } = await here.td2parquet(['shop', 'orders', '-o', '.', '--overwrite']);
      assert.equal(code, 3);
      assert.deepEqual(await here.files(), ['shop_orders.parquet']);
      assert.equal(await readFile(here.path('shop_orders.parquet'), 'utf8'), 'precious');
    }
  });

  it('that appear while petit runs are not replaced', async () => {
    here.emulator.configure({ delays: { queued: 500, booting: 0, running: 0, final: 0 } });
    const options = ['--endpoint', here.account.endpoint, '-o', '.'];
    const { ended } = here.start(['td2parquet', 'shop', 'orders', ...options]);
    while (!here.requests().some((request) => request.startsWith('GET /v3/job/status/'))) await sleep(10);
    await writeFile(here.path('shop_orders.parquet'), 'precious');
    const { code, stderr } = await ended;
    assert.equal(code, 3);
    assert.match(stderr, /exists already/);
    assert.equal(await readFile(here.path('shop_orders.parquet'), 'utf8'), 'precious');
    assert.deepEqual(await here.files(), ['shop_orders.parquet']);
  });

  it('cannot be where no folder can be', async () => {
    await writeFile(here.path('file'), '');
    const { code, stderr } = await here.td2parquet(['shop', 'orders', '-o', 'file/below']);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /table "orders".*(ENOTDIR|not a directory).*\n.*writable, and that the disk has free space/,
    );
  });

  it('cannot be where a folder has the name', async () => {
    await mkdir(here.path('shop_orders.parquet.partial'));
    const { code, stderr } = await here.td2parquet(['shop', 'orders', '-o', '.']);
    assert.equal(code, 3);
    assert.match(stderr, /table "orders".*EISDIR/);
  });

  it('that do not fit on the disk leave nothing behind', async (t) => {
    const disk = here.path('disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      return t.skip('needs the right to mount a small file system');
    }
    try {
      const { code, stderr } = await here.td2parquet(['edges', 'wide', '-o', 'disk']);
      assert.equal(code, 3);
      assert.match(stderr, /table "wide".*ENOSPC.*\n.*writable, and that the disk has free space/);
      assert.deepEqual(await here.files(), []);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
