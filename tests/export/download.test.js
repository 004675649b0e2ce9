import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBConnection } from '@duckdb/node-api';
import { exportTables } from '../../pkg-scripts/node.js';
import { readSeed, surroundings } from '../support/index.js';
import { readParquet } from '../support/readers.js';

/** @import { ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { Action } from '../emulator/faults.js' */

/**
 * Downloads over a network that is not good. `views` comes as one body; `events` as several ranges at a time.
 */
const seed = readSeed('edges');
const ROWS = 300_000;
const RANGE_BYTES = 4 * 2 ** 20;

const shop = seed.accounts[0]?.databases?.find(({ name }) => name === 'shop');
shop?.tables?.push({ name: 'events', generate: { recipe: 'events', rows: ROWS } });
const here = surroundings(seed, 'acme');

/** @type {Record<'views' | 'events', { job: string, size: number, file: string }>} undisturbed */
const sound = { views: { job: '', size: 0, file: '' }, events: { job: '', size: 0, file: '' } };

/** @param {Partial<ExportRequest>} request */
async function exported(request) {
  const { account, folder: outputDir } = here;
  const { tables, errors } = await exportTables({
    ...{ account, outputDir, database: 'shop', workers: 0, overwrite: true },
    ...request,
  });
  if (errors[0]) throw errors[0];
  return /** @type {import('../../pkg-scripts/types.js').ExportedTable} */ (tables[0]);
}

/**
 * Exports the result of a sound job again, and finds the same file.
 * @param {'views' | 'events'} table
 * @param {Partial<ExportRequest>} [request]
 */
async function assertSame(table, request) {
  here.emulator.clearRequests();
  const { outputPath } = await exported({ jobId: sound[table].job, ...request });
  assert.equal(await readFile(outputPath, 'latin1'), sound[table].file);
}

/** @param {Action} action @param {number} [times] @param {number} [skip] */
const onResult = (action, times = 1, skip = 0) => here.fail({ path: '/job/result/', times, skip, action });

describe('a sound download', () => {
  for (const table of /** @type {const} */ (['views', 'events'])) {
    it(`gives the rows of ${table} in their order, every value as it was`, async () => {
      const { job, outputPath, rows } = await exported({ query: `SELECT * FROM ${table}` });
      const source = here.emulator.account('acme').catalog.table('shop', table);
      assert.equal(rows, BigInt(source.count));
      assert.deepEqual(await differences(source.viewSql(), `FROM read_parquet('${outputPath}')`), [0, 0]);
      const again = await exported({ jobId: job });
      const size = Number(again.downloadedBytes);
      sound[table] = { job, size, file: await readFile(again.outputPath, 'latin1') };
    });
  }

  it('is one body when it is small, ranges when it is large', async () => {
    await assertSame('views');
    const [whole] = here.resultRequests();
    assert.deepEqual([whole?.status, whole?.bytesOut], [200, sound.views.size]);

    await assertSame('events', { downloadParallelism: 4 });
    const ranges = here.resultRequests();
    const { size } = sound.events;
    assert.ok(size > 4 * RANGE_BYTES, `${size} bytes are several ranges`);
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
    assert.equal(here.resultRequests().length, Math.ceil(sound.events.size / RANGE_BYTES));
  });
});

/**
 * @param {string} one SQL of some rows
 * @param {string} other SQL of as many
 * @returns {Promise<number[]>} how many rows, with their place, only one has, and only the other
 */
async function differences(one, other) {
  const connection = await DuckDBConnection.create();
  const numbered = (/** @type {string} */ rows) => `SELECT row_number() OVER () AS place, * FROM (${rows})`;
  const counts = [
    [one, other],
    [other, one],
  ].map(async ([a = '', b = '']) => {
    const sql = `SELECT COUNT(*) FROM (${numbered(a)} EXCEPT ALL ${numbered(b)})`;
    const result = await connection.runAndReadAll(sql);
    return Number(result.getRows()[0]?.[0]);
  });
  return Promise.all(counts);
}

describe('a body that is cut', () => {
  it('is resumed at the byte where it stopped', async () => {
    onResult({ type: 'truncate', afterBytes: 10_000 });
    await assertSame('views');
    const [cut, rest] = here.resultRequests();
    assert.deepEqual([cut?.fault, rest?.status], ['truncate', 206]);
    assert.equal(rest?.bytesOut, sound.views.size - 10_000);
  });

  it('is resumed within its range', async () => {
    onResult({ type: 'truncate', afterBytes: 1_000_000 }, 1, 2);
    await assertSame('events');
    const sent = here.resultRequests();
    assert.ok(sent.some(({ bytesOut, fault }) => fault === null && bytesOut === RANGE_BYTES - 1_000_000));
  });

  it('is resumed again and again, as long as there is progress', async () => {
    onResult({ type: 'truncate', afterBytes: Math.floor(sound.views.size / 6) }, 4);
    await assertSame('views', { retryTimeoutMs: 3_000 });
    assert.equal(here.resultRequests().length, 5);
  });

  it('is resumed after resets of the connection', async () => {
    for (const table of /** @type {const} */ (['views', 'events'])) {
      onResult({ type: 'reset', afterBytes: 20_000 });
      await assertSame(table);
      assert.ok(here.resultRequests().some(({ fault }) => fault === 'reset'));
    }
  });

  it('is read anew, without doubling a byte, by a server that does not know ranges', async () => {
    onResult({ type: 'truncate', afterBytes: 10_000 });
    onResult({ type: 'ignore_range' });
    await assertSame('views');
    const [, again] = here.resultRequests();
    assert.deepEqual([again?.status, again?.bytesOut], [200, sound.views.size]);
  });

  it('is given up in the end, and no file is left', async () => {
    onResult({ type: 'truncate', afterBytes: 0 }, -1);
    await assert.rejects(exported({ jobId: sound.views.job, retryTimeoutMs: 200 }), {
      ...{ code: 'network', message: /connection was lost|ended after 0 of/ },
    });
    assert.deepEqual(await here.files(), []);
  });
});

describe('a server of its own kind', () => {
  it('may ignore Range: the whole body is read once', async () => {
    onResult({ type: 'ignore_range' }, -1);
    await assertSame('events');
    assert.deepEqual(
      here.resultRequests().map(({ status, bytesOut }) => [status, bytesOut]),
      [[200, sound.events.size]],
    );
  });

  it('may have no ETag, and may not tell the range', async () => {
    onResult({ type: 'headers', headers: { etag: null, 'content-range': null } }, -1);
    await assertSame('events');
  });

  it('may not tell the size or the rows of a result', async () => {
    const set = { result_size: null, num_records: null };
    here.fail({ path: '/job/(show|status)/', times: -1, action: { type: 'patch', set } });
    await assertSame('events');
    assert.equal(here.resultRequests().length, 1);
  });

  it('may change the result meanwhile: that is an error, and no file', async () => {
    onResult({ type: 'headers', headers: { etag: '"another"' } }, -1, 2);
    await assert.rejects(exported({ jobId: sound.events.job }), { code: 'result_changed' });
    onResult({ type: 'truncate', afterBytes: 10_000 });
    here.emulator.faults.clear();
    onResult({ type: 'truncate', afterBytes: 10_000 });
    onResult({ type: 'headers', headers: { etag: '"another"' } });
    await assert.rejects(exported({ jobId: sound.views.job }), { code: 'result_changed' });
    assert.deepEqual(await here.files(), []);
  });

  it('may send other bytes than were asked for: that is an error, and no file', async () => {
    const headers = { 'content-range': `bytes 0-${RANGE_BYTES - 1}/${sound.events.size}` };
    onResult({ type: 'headers', headers }, -1, 1);
    await assert.rejects(exported({ jobId: sound.events.job }), { code: 'result_changed' });
    assert.deepEqual(await here.files(), []);
  });
});

describe('bytes that are damaged are an error, and no file', () => {
  /** @type {[table: 'views' | 'events', skip: number][]} */
  const cases = [
    ['views', 0],
    ['events', 3],
  ];
  for (const [table, skip] of cases) {
    it(`in ${table}`, async () => {
      onResult({ type: 'corrupt', atByte: 5_000 }, 1, skip);
      await assert.rejects(exported({ jobId: sound[table].job }), {
        code: /^(corrupt_gzip|malformed_msgpack|type_mismatch|invalid_utf8|out_of_range)$/,
        job: sound[table].job,
      });
      assert.deepEqual(await here.files(), []);
    });
  }

  it('an answer that is no gzip at all', async () => {
    onResult({ type: 'status', status: 200, body: 'html' });
    await assert.rejects(exported({ jobId: sound.views.job }), { code: 'corrupt_gzip' });
    assert.deepEqual(await here.files(), []);
  });
});

it('a table that has failed lets go of the ranges that are still under way', async () => {
  const schema = JSON.stringify([['id', 'boolean'], ...Array(10).fill(['x', 'varchar'])]);
  here.fail({ path: '/job/show/', action: { type: 'patch', set: { hive_result_schema: schema } } });
  onResult({ type: 'stall', ms: 600_000, afterBytes: 1_000_000 }, -1, 3);
  await assert.rejects(exported({ jobId: sound.events.job }), {
    code: 'type_mismatch',
    column: 'id',
    row: 0,
  });
  while (here.resultRequests().some(({ endMs }) => endMs === null)) await sleep(10);
  assert.ok(here.resultRequests().some(({ fault, aborted }) => fault === 'stall' && aborted));
  assert.deepEqual(await here.files(), []);
});

describe('trouble that passes is waited for', () => {
  const calls = ['/table/list/', '/job/issue/', '/job/status/', '/job/show/', '/job/result/'];
  for (const path of calls) {
    it(`at ${path}`, async () => {
      here.fail(
        { path, action: { type: 'status', status: 500, body: 'html' } },
        { path, action: { type: 'status', status: 429, headers: { 'retry-after': '0' } } },
        { path, action: { type: 'reset' } },
      );
      const { outputPath } = await exported({ tables: ['views'] });
      const { rows } = await readParquet('hyparquet', outputPath);
      assert.equal(rows.length, 5000);
      assert.equal(here.emulator.requests().filter(({ fault }) => fault !== null).length, 3);
      assert.equal(
        here.emulator.faults.list().every(({ done }) => done === 1),
        true,
      );
    });
  }

  it('a job is not issued twice when only the answer was lost', async () => {
    for (const action of /** @type {Action[]} */ ([
      { type: 'status', status: 502, carriedOut: true },
      { type: 'reset', carriedOut: true },
    ])) {
      const before = here.emulator.account('acme').jobs.jobs.size;
      here.fail({ path: '/job/issue/', action });
      const { rows } = await exported({ tables: ['views'] });
      assert.equal(rows, 5000n);
      assert.equal(here.emulator.account('acme').jobs.jobs.size, before + 1);
    }
    assert.equal(here.requests().filter((request) => request.includes('/job/issue/')).length, 4);
  });

  it('Retry-After is kept to', async () => {
    here.fail({
      path: '/table/list/',
      action: { type: 'status', status: 429, headers: { 'retry-after': '1' } },
    });
    await exported({ tables: ['returns'] });
    const [refused, again] = here.emulator.requests();
    assert.deepEqual([refused?.status, again?.status], [429, 200]);
    assert.ok((again?.startMs ?? 0) - (refused?.startMs ?? 0) >= 990);
  });

  it('is told while it lasts', async () => {
    here.fail({ path: '/job/result/', action: { type: 'status', status: 503 } });
    /** @type {string[]} */
    const waits = [];
    await exported({
      tables: ['returns'],
      onEvent: (event) => void (event.type === 'progress' && event.waiting && waits.push(event.waiting)),
    });
    assert.equal(waits.length, 1);
    assert.match(waits[0] ?? '', /HTTP 503.*; next attempt in \d+\.\d s/);
  });

  it('has an end: then the error tells what was tried', async () => {
    here.fail({ path: '/job/show/', times: -1, action: { type: 'status', status: 503 } });
    await assert.rejects(exported({ tables: ['returns'], retryTimeoutMs: 300 }), {
      ...{ code: 'server_error', table: 'returns', status: 503, retryable: true },
      message: /look at job "\d+"/,
    });
    assert.deepEqual(await here.files(), []);
  });

  it('other refusals are final at once', async () => {
    here.fail({ path: '/job/result/', action: { type: 'status', status: 403 } });
    await assert.rejects(exported({ tables: ['returns'] }), { code: 'forbidden', table: 'returns' });
    assert.equal(here.resultRequests().length, 1);
  });
});
