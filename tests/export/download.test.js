import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBConnection } from '@duckdb/node-api';
import { exportTables } from '../../pkg-scripts/node.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

/** @import { ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { Action } from '../emulator/faults.js' */

/**
 * Downloads over an unreliable network. The result of `views` is one body, that of `events` several parallel ranges.
 */
const seed = readSeed('edges');
const ROWS = 300_000;
const RANGE_BYTES = 4 * 2 ** 20;

const shop = seed.accounts[0]?.databases?.find(({ name }) => name === 'shop');
shop?.tables?.push({ name: 'events', generate: { recipe: 'events', rows: ROWS } });
const env = setUpEnv(seed, 'acme');

/** @type {Record<'views' | 'events', { job: string, size: number, file: string }>} jobs and files without faults */
const reference = { views: { job: '', size: 0, file: '' }, events: { job: '', size: 0, file: '' } };

/** @param {Partial<ExportRequest>} request */
async function exported(request) {
  const { account, folder: outputDir } = env;
  const { tables, errors } = await exportTables({
    ...{ account, outputDir, database: 'shop', workers: 0, overwrite: true },
    ...request,
  });
  if (errors[0]) throw errors[0];
  return /** @type {import('../../pkg-scripts/types.js').ExportedTable} */ (tables[0]);
}

/**
 * Exports the result of a reference job again, and asserts that the file is the same.
 * @param {'views' | 'events'} table
 * @param {Partial<ExportRequest>} [request]
 */
async function assertSame(table, request) {
  env.emulator.clearRequests();
  const { outputPath } = await exported({ jobId: reference[table].job, ...request });
  assert.equal(await readFile(outputPath, 'latin1'), reference[table].file);
}

/** @param {Action} action @param {number} [times] @param {number} [skip] */
const onResult = (action, times = 1, skip = 0) => env.fail({ path: '/job/result/', times, skip, action });

describe('a download', () => {
  for (const table of /** @type {const} */ (['views', 'events'])) {
    it(`gives the rows of ${table} in order, with every value`, async () => {
      const { job, outputPath, rows } = await exported({ query: `SELECT * FROM ${table}` });
      const source = env.emulator.account('acme').catalog.table('shop', table);
      assert.equal(rows, BigInt(source.count));
      assert.deepEqual(
        await differences(
          source.viewSql(env.emulator.emulator.settings),
          `FROM read_parquet('${outputPath}')`,
        ),
        [0, 0],
      );
      const again = await exported({ jobId: job });
      const size = Number(again.downloadedBytes);
      reference[table] = { job, size, file: await readFile(again.outputPath, 'latin1') };
    });
  }

  it('is one body if the result is small, ranges if it is large', async () => {
    await assertSame('views');
    const [whole] = env.resultRequests();
    assert.deepEqual([whole?.status, whole?.bytesOut], [200, reference.views.size]);

    await assertSame('events', { downloadParallelism: 4 });
    const ranges = env.resultRequests();
    const { size } = reference.events;
    assert.ok(size > 4 * RANGE_BYTES, `${size} bytes are more than four ranges`);
    assert.equal(ranges.length, Math.ceil(size / RANGE_BYTES));
    assert.deepEqual([...new Set(ranges.map(({ status }) => status))], [206]);
    assert.equal(
      ranges.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
      size,
    );
    assert.ok(Math.max(...ranges.map(({ bytesOut }) => bytesOut)) <= RANGE_BYTES);
  });

  it('is the same with one range at a time', async () => {
    await assertSame('events', { downloadParallelism: 1 });
    assert.equal(env.resultRequests().length, Math.ceil(reference.events.size / RANGE_BYTES));
  });
});

/**
 * Compares the results of two queries, including the order of rows.
 * @param {string} left SQL
 * @param {string} right SQL
 * @returns {Promise<number[]>} number of rows that only `left` has, and that only `right` has
 */
async function differences(left, right) {
  const connection = await DuckDBConnection.create();
  const numbered = (/** @type {string} */ rows) => `SELECT row_number() OVER () AS place, * FROM (${rows})`;
  const counts = [
    [left, right],
    [right, left],
  ].map(async ([a = '', b = '']) => {
    const sql = `SELECT COUNT(*) FROM (${numbered(a)} EXCEPT ALL ${numbered(b)})`;
    const result = await connection.runAndReadAll(sql);
    return Number(result.getRows()[0]?.[0]);
  });
  return Promise.all(counts);
}

describe('a truncated body', () => {
  it('is resumed at the byte where it stopped', async () => {
    onResult({ type: 'truncate', afterBytes: 10_000 });
    await assertSame('views');
    const [cut, rest] = env.resultRequests();
    assert.deepEqual([cut?.fault, rest?.status], ['truncate', 206]);
    assert.equal(rest?.bytesOut, reference.views.size - 10_000);
  });

  it('is resumed within its range', async () => {
    onResult({ type: 'truncate', afterBytes: 1_000_000 }, 1, 2);
    await assertSame('events');
    const sent = env.resultRequests();
    assert.ok(sent.some(({ bytesOut, fault }) => fault === null && bytesOut === RANGE_BYTES - 1_000_000));
  });

  it('is resumed repeatedly while there is progress', async () => {
    onResult({ type: 'truncate', afterBytes: Math.floor(reference.views.size / 6) }, 4);
    await assertSame('views', { retryTimeoutMs: 3_000 });
    assert.equal(env.resultRequests().length, 5);
  });

  it('is resumed after connection resets', async () => {
    for (const table of /** @type {const} */ (['views', 'events'])) {
      onResult({ type: 'reset', afterBytes: 20_000 });
      await assertSame(table);
      assert.ok(env.resultRequests().some(({ fault }) => fault === 'reset'));
    }
  });

  it('is read from the start if the server does not support ranges, without duplicate bytes', async () => {
    onResult({ type: 'truncate', afterBytes: 10_000 });
    onResult({ type: 'ignore_range' });
    await assertSame('views');
    const [, again] = env.resultRequests();
    assert.deepEqual([again?.status, again?.bytesOut], [200, reference.views.size]);
  });

  it('is an error after the retry timeout, and no file remains', async () => {
    onResult({ type: 'truncate', afterBytes: 0 }, -1);
    await assert.rejects(exported({ jobId: reference.views.job, retryTimeoutMs: 200 }), {
      ...{ code: 'network', message: /connection was lost|ended after 0 of/ },
    });
    assert.deepEqual(await env.files(), []);
  });
});

describe('a server', () => {
  it('can ignore Range: the whole body is read once', async () => {
    onResult({ type: 'ignore_range' }, -1);
    await assertSame('events');
    assert.deepEqual(
      env.resultRequests().map(({ status, bytesOut }) => [status, bytesOut]),
      [[200, reference.events.size]],
    );
  });

  it('can omit ETag and Content-Range', async () => {
    onResult({ type: 'headers', headers: { etag: null, 'content-range': null } }, -1);
    await assertSame('events');
  });

  it('can omit the size and the row count of a result', async () => {
    const set = { result_size: null, num_records: null };
    env.fail({ path: '/job/(show|status)/', times: -1, action: { type: 'patch', set } });
    await assertSame('events');
    assert.equal(env.resultRequests().length, 1);
  });

  it('that changes the result causes an error and no file', async () => {
    onResult({ type: 'headers', headers: { etag: '"another"' } }, -1, 2);
    await assert.rejects(exported({ jobId: reference.events.job }), { code: 'result_changed' });
    onResult({ type: 'truncate', afterBytes: 10_000 });
    env.emulator.faults.clear();
    onResult({ type: 'truncate', afterBytes: 10_000 });
    onResult({ type: 'headers', headers: { etag: '"another"' } });
    await assert.rejects(exported({ jobId: reference.views.job }), { code: 'result_changed' });
    assert.deepEqual(await env.files(), []);
  });

  it('that sends other bytes than requested causes an error and no file', async () => {
    const headers = { 'content-range': `bytes 0-${RANGE_BYTES - 1}/${reference.events.size}` };
    onResult({ type: 'headers', headers }, -1, 1);
    await assert.rejects(exported({ jobId: reference.events.job }), { code: 'result_changed' });
    assert.deepEqual(await env.files(), []);
  });
});

describe('damaged bytes cause an error and no file', () => {
  /** @type {[table: 'views' | 'events', skip: number][]} */
  const cases = [
    ['views', 0],
    ['events', 3],
  ];
  for (const [table, skip] of cases) {
    it(`in ${table}`, async () => {
      onResult({ type: 'corrupt', atByte: 5_000 }, 1, skip);
      await assert.rejects(exported({ jobId: reference[table].job }), {
        code: /^(corrupt_gzip|malformed_msgpack|type_mismatch|invalid_utf8|out_of_range)$/,
        job: reference[table].job,
      });
      assert.deepEqual(await env.files(), []);
    });
  }

  it('in a body that is not gzip', async () => {
    onResult({ type: 'status', status: 200, body: 'html' });
    await assert.rejects(exported({ jobId: reference.views.job }), { code: 'corrupt_gzip' });
    assert.deepEqual(await env.files(), []);
  });
});

it('a table that fails aborts its active range downloads', async () => {
  const schema = JSON.stringify([['id', 'boolean'], ...Array(10).fill(['x', 'varchar'])]);
  env.fail({ path: '/job/show/', action: { type: 'patch', set: { hive_result_schema: schema } } });
  onResult({ type: 'stall', ms: 600_000, afterBytes: 1_000_000 }, -1, 3);
  await assert.rejects(exported({ jobId: reference.events.job }), {
    code: 'type_mismatch',
    column: 'id',
    row: 0,
  });
  while (env.resultRequests().some(({ endMs }) => endMs === null)) await sleep(10);
  assert.ok(env.resultRequests().some(({ fault, aborted }) => fault === 'stall' && aborted));
  assert.deepEqual(await env.files(), []);
});

describe('a transient error', () => {
  const calls = ['/table/list/', '/job/issue/', '/job/status/', '/job/show/', '/job/result/'];
  for (const path of calls) {
    it(`of ${path} is retried`, async () => {
      env.fail(
        { path, action: { type: 'status', status: 500, body: 'html' } },
        { path, action: { type: 'status', status: 429, headers: { 'retry-after': '0' } } },
        { path, action: { type: 'reset' } },
      );
      const { outputPath } = await exported({ tables: ['views'] });
      const { rows } = await readParquet('hyparquet', outputPath);
      assert.equal(rows.length, 5000);
      assert.equal(env.emulator.requests().filter(({ fault }) => fault !== null).length, 3);
      assert.equal(
        env.emulator.faults.list().every(({ done }) => done === 1),
        true,
      );
    });
  }

  it('does not issue a job twice if only the response was lost', async () => {
    for (const action of /** @type {Action[]} */ ([
      { type: 'status', status: 502, carriedOut: true },
      { type: 'reset', carriedOut: true },
    ])) {
      const before = env.emulator.account('acme').jobs.jobs.size;
      env.fail({ path: '/job/issue/', action });
      const { rows } = await exported({ tables: ['views'] });
      assert.equal(rows, 5000n);
      assert.equal(env.emulator.account('acme').jobs.jobs.size, before + 1);
    }
    assert.equal(env.requests().filter((request) => request.includes('/job/issue/')).length, 4);
  });

  it('is retried after Retry-After', async () => {
    env.fail({
      path: '/table/list/',
      action: { type: 'status', status: 429, headers: { 'retry-after': '1' } },
    });
    await exported({ tables: ['returns'] });
    const [refused, again] = env.emulator.requests();
    assert.deepEqual([refused?.status, again?.status], [429, 200]);
    assert.ok((again?.startMs ?? 0) - (refused?.startMs ?? 0) >= 990);
  });

  it('is in the progress events while petit waits', async () => {
    env.fail({ path: '/job/result/', action: { type: 'status', status: 503 } });
    /** @type {string[]} */
    const waits = [];
    await exported({
      tables: ['returns'],
      onEvent: (event) => void (event.type === 'progress' && event.waiting && waits.push(event.waiting)),
    });
    assert.equal(waits.length, 1);
    assert.match(waits[0] ?? '', /HTTP 503.*; next attempt in \d+\.\d s/);
  });

  it('becomes an error after the retry timeout, with the failing call', async () => {
    env.fail({ path: '/job/show/', times: -1, action: { type: 'status', status: 503 } });
    await assert.rejects(exported({ tables: ['returns'], retryTimeoutMs: 300 }), {
      ...{ code: 'server_error', table: 'returns', status: 503, retryable: true },
      message: /show job "\d+"/,
    });
    assert.deepEqual(await env.files(), []);
  });

  it('is not any other refusal: those fail immediately', async () => {
    env.fail({ path: '/job/result/', action: { type: 'status', status: 403 } });
    await assert.rejects(exported({ tables: ['returns'] }), { code: 'forbidden', table: 'returns' });
    assert.equal(env.resultRequests().length, 1);
  });
});
