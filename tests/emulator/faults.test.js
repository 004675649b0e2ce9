import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from './index.js';
import { Td } from './td.js';

/** @type {Awaited<ReturnType<typeof startEmulator>>} */
let emulator;
/** @type {Td} */
let td;
/** @type {string} path of a result of about 4 MB */
let result;
/** @type {Buffer} */
let whole;

before(async () => {
  emulator = await startEmulator();
  td = new Td(emulator.url('prod'), emulator.key('prod'));
  const job = await td.query('shop', 'SELECT * FROM page_views');
  result = `/v3/job/result/${job.job_id}?format=msgpack.gz`;
  whole = (await td.get(result)).body;
});
afterEach(() => emulator.faults.clear());
after(() => emulator.close());

const LIST = '/v3/database/list';

it('answers with a status a number of times, then normally', async () => {
  emulator.faults.add({ path: '^/v3/database', times: 2, action: { type: 'status', status: 503 } });
  const statuses = [];
  for (let turn = 0; turn < 3; turn += 1) statuses.push((await td.get(LIST)).status);
  assert.deepEqual(statuses, [503, 503, 200]);
  assert.equal(emulator.requests().filter((entry) => entry.fault === 'status').length, 2);
});

it('sends JSON, HTML and empty bodies, and headers such as Retry-After', async () => {
  const headers = { 'retry-after': '2' };
  for (const body of /** @type {const} */ (['json', 'html', 'empty'])) {
    emulator.faults.add({ action: { type: 'status', status: 429, body, headers } });
    const answer = await td.get(LIST);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '2']);
    if (body === 'json') assert.equal(answer.body.status_code, 429);
    else assert.equal(answer.body.toString().startsWith('<html>'), body === 'html');
  }
});

it('selects requests by method, account, number of matches and probability', async () => {
  const failing = /** @type {const} */ ({ type: 'status', status: 500 });
  emulator.faults.add({ method: 'POST', times: -1, action: failing });
  emulator.faults.add({ account: 'backup', times: -1, action: failing });
  emulator.faults.add({ path: 'show/shop', skip: 1, action: failing });
  assert.equal((await td.get(LIST)).status, 200);
  assert.equal((await td.post('/v3/database/create/never')).status, 500);
  const statuses = [];
  for (let turn = 0; turn < 3; turn += 1) statuses.push((await td.get('/v3/database/show/shop')).status);
  assert.deepEqual(statuses, [200, 500, 200]);
  emulator.faults.clear();
  emulator.faults.add({ times: -1, probability: 0.5, seed: 7, action: failing });
  let failed = 0;
  for (let turn = 0; turn < 60; turn += 1) failed += (await td.get(LIST)).status === 500 ? 1 : 0;
  assert.ok(failed > 10 && failed < 50, `${failed} of 60`);
});

it('executes requests whose response is lost', async () => {
  emulator.faults.add({ path: 'create/done_500', action: { type: 'status', status: 504, carriedOut: true } });
  emulator.faults.add({ path: 'create/done_reset', action: { type: 'reset', carriedOut: true } });
  assert.equal((await td.post('/v3/database/create/done_500')).status, 504);
  await assert.rejects(td.post('/v3/database/create/done_reset'));
  assert.equal((await td.post('/v3/database/create/done_500')).status, 409);
  assert.equal((await td.post('/v3/database/create/done_reset')).status, 409);
});

it('resets connections before and within the response', async () => {
  emulator.faults.add({ path: LIST, action: { type: 'reset' } });
  await assert.rejects(td.get(LIST));
  for (const type of /** @type {const} */ (['reset', 'truncate'])) {
    emulator.faults.add({ path: 'result', action: { type, afterBytes: 100_000 } });
    const answer = await fetch(td.url + result, { headers: { authorization: `TD1 ${td.key}` } });
    /** @type {Buffer[]} */
    const chunks = [];
    await assert.rejects(async () => {
      for await (const chunk of /** @type {any} */ (answer.body)) chunks.push(chunk);
    });
    const got = Buffer.concat(chunks);
    assert.deepEqual(got, whole.subarray(0, got.length));
    if (type === 'truncate') assert.equal(got.length, 100_000);
  }
  assert.deepEqual((await td.get(result)).body, whole);
});

it('inverts one byte', async () => {
  emulator.faults.add({ path: 'result', action: { type: 'corrupt', atByte: 300_000 } });
  const { body } = await td.get(result);
  const wrong = [...body.entries()].filter(([index, byte]) => byte !== whole[index]).map(([index]) => index);
  assert.deepEqual([body.length, wrong], [whole.length, [300_000]]);
});

it('stalls within the body, and delays the response', async () => {
  emulator.faults.add({ path: 'result', action: { type: 'stall', ms: 150, afterBytes: 200_000 } });
  emulator.faults.add({ path: LIST, action: { type: 'delay', ms: 150 } });
  for (const path of [result, LIST]) {
    const started = Date.now();
    const { body, status } = await td.get(path);
    assert.equal(status, 200);
    assert.ok(Date.now() - started >= 145);
    if (path === result) assert.deepEqual(body, whole);
  }
});

it('ignores Range, and changes headers', async () => {
  const range = { range: 'bytes=10-19' };
  emulator.faults.add({ path: 'result', action: { type: 'ignore_range' } });
  const all = await td.request('GET', result, { headers: range });
  assert.deepEqual([all.status, all.body.length], [200, whole.length]);
  const headers = { 'content-range': 'bytes 0-9/10', etag: '"changed"' };
  emulator.faults.add({ path: 'result', action: { type: 'headers', headers } });
  const lying = await td.request('GET', result, { headers: range });
  assert.deepEqual([lying.status, lying.headers.get('content-range')], [206, 'bytes 0-9/10']);
  emulator.faults.add({ path: 'result', action: { type: 'headers', headers: { etag: null } } });
  assert.equal((await td.get(result)).headers.get('etag'), null);
});

it('makes jobs and imports fail', async () => {
  emulator.faults.add({ path: 'FROM page_views', action: { type: 'job_fails', message: 'out of memory' } });
  const job = await td.query('shop', 'SELECT COUNT(1) FROM page_views');
  assert.deepEqual([job.status, job.debug.stderr], ['error', 'out of memory']);
  await td.post('/v3/bulk_import/create/faulty/shop/returns');
  await td.upload('faulty', 'a', [{ time: 1, order_id: 1 }]);
  await td.post('/v3/bulk_import/freeze/faulty');
  emulator.faults.add({ path: 'faulty', action: { type: 'perform_fails', message: 'no room' } });
  const { body: first } = await td.post('/v3/bulk_import/perform/faulty');
  assert.equal((await td.finish(String(first.job_id))).debug.stderr, 'no room');
  await td.until('faulty', 'uploading');
  emulator.faults.add({ path: 'faulty', action: { type: 'error_records', count: 3 } });
  await td.post('/v3/bulk_import/perform/faulty');
  assert.equal((await td.until('faulty', 'ready')).error_records, 3);
  emulator.faults.add({ path: 'faulty', action: { type: 'commit_fails' } });
  await td.post('/v3/bulk_import/commit/faulty');
  await sleep(30);
  await td.until('faulty', 'ready');
  assert.deepEqual(await td.rows('shop', 'SELECT COUNT(1) FROM returns'), [[0]]);
  await td.post('/v3/bulk_import/commit/faulty');
  await td.until('faulty', 'committed');
  assert.deepEqual(await td.rows('shop', 'SELECT order_id FROM returns'), [[1]]);
});

it('is controlled over HTTP, too', async () => {
  const rule = JSON.stringify({ path: LIST, action: { type: 'status', status: 502 } });
  const headers = { 'content-type': 'application/json' };
  await td.request('POST', '/__emulator/faults', { body: rule, headers });
  assert.equal((await td.get('/__emulator/faults')).body.faults.length, 1);
  assert.equal((await td.get(LIST)).status, 502);
  await td.post('/__emulator/faults/clear');
  assert.equal((await td.get('/__emulator/faults')).body.faults.length, 0);
});

it('changes fields of a response', async () => {
  const { job_id: id } = await td.query('shop', 'SELECT 1');
  emulator.faults.add({ path: '/job/show', action: { type: 'patch', set: { result_size: null } } });
  assert.equal((await td.get(`/v3/job/show/${id}`)).body.result_size, null);
  assert.ok((await td.get(`/v3/job/show/${id}`)).body.result_size > 0);
});

it('sends Retry-After in seconds or as a date', async () => {
  for (const as of /** @type {const} */ (['seconds', 'date'])) {
    emulator.faults.add({ action: { type: 'status', status: 503, retryAfter: { seconds: 30, as } } });
    const header = (await td.get(LIST)).headers.get('retry-after') ?? '';
    const ms = as === 'date' ? Date.parse(header) - Date.now() : Number(header) * 1000;
    assert.ok(ms > 29_000 && ms <= 31_000, header);
  }
});

it('refuses connections for a while, or until the faults are cleared', async () => {
  for (const ms of [150, -1]) {
    emulator.faults.add({ path: LIST, action: { type: 'refuse', ms } });
    await assert.rejects(td.get(LIST));
    await assert.rejects(td.get(LIST), (/** @type {any} */ { cause }) => cause.code === 'ECONNREFUSED');
    if (ms < 0) await emulator.faults.clear();
    else await sleep(ms + 100);
    assert.equal((await td.get(LIST)).status, 200);
  }
});

it('sends a wrong Content-Length', async () => {
  emulator.faults.add({ path: 'result', action: { type: 'truncate', afterBytes: 100_000, lies: true } });
  const { body, headers } = await td.get(result);
  assert.equal(headers.get('content-length'), '100000');
  assert.deepEqual(body, whole.subarray(0, 100_000));
});

it('redirects results to an origin that rejects keys', async () => {
  for (const status of /** @type {const} */ ([302, 307])) {
    emulator.clearRequests();
    emulator.faults.add({ path: 'result', action: { type: 'redirect', status } });
    const { body } = await td.request('GET', result, { headers: { range: 'bytes=10-19' } });
    assert.deepEqual(body, whole.subarray(10, 20));
    assert.deepEqual(
      emulator.requests().map(({ status, site, authorized }) => [status, site, authorized]),
      [
        [status, 'us01', true],
        [206, 'storage', false],
      ],
    );
    const [, { path = '' } = {}] = emulator.requests();
    const stored = new Td(emulator.url('storage'), td.key);
    assert.equal((await stored.get(path)).status, 400);
  }
});

it('creates and drops tables just before a request', async () => {
  const table = { account: 'prod', database: '$1', table: 'visitor' };
  emulator.faults.add({ path: 'table/list/(\\w+)', action: { type: 'create_table', ...table } });
  const names = async () =>
    (await td.get('/v3/table/list/shop')).body.tables.map((/** @type {any} */ { name }) => name);
  assert.ok((await names()).includes('visitor'));
  assert.deepEqual(await td.rows('shop', 'SELECT "foreign" FROM visitor'), [[1]]);
  emulator.faults.add({ path: 'table/list/(\\w+)', action: { type: 'drop_table', ...table } });
  assert.ok(!(await names()).includes('visitor'));
});

it('kills jobs, and keeps them queued', async () => {
  emulator.faults.add({ path: 'SELECT 7', action: { type: 'job_killed' } });
  assert.equal((await td.query('shop', 'SELECT 7')).status, 'killed');
  emulator.faults.add({ path: 'SELECT 8', action: { type: 'job_queued', ms: 100 } });
  const { created_at: _, ...job } = await td.query('shop', 'SELECT 8');
  assert.equal(job.status, 'success');
  emulator.faults.add({ path: 'SELECT 9', action: { type: 'job_queued', ms: -1 } });
  const { body } = await td.post('/v3/job/issue/presto/shop', { query: 'SELECT 9' });
  await sleep(50);
  assert.equal((await td.get(`/v3/job/status/${body.job_id}`)).body.status, 'queued');
  await td.post(`/v3/job/kill/${body.job_id}`);
  assert.equal((await td.finish(body.job_id)).status, 'killed');
});

it('makes committed rows visible late', async () => {
  await td.post('/v3/table/create/shop/late/log');
  await td.post('/v3/bulk_import/create/late/shop/late');
  await td.upload('late', 'a', [{ time: 1 }]);
  await td.post('/v3/bulk_import/freeze/late');
  await td.post('/v3/bulk_import/perform/late');
  await td.until('late', 'ready');
  emulator.faults.add({ path: 'late', action: { type: 'count_lags', ms: 300 } });
  await td.post('/v3/bulk_import/commit/late');
  await td.until('late', 'committed');
  const count = async () => (await td.rows('shop', 'SELECT COUNT(1) FROM late'))[0][0];
  assert.equal(await count(), 0);
  while ((await count()) === 0) await sleep(20);
  assert.equal(await count(), 1);
});

it('revokes a key', async () => {
  const partner = new Td(td.url, emulator.key('prod', 'partner'));
  emulator.faults.add({ path: LIST, action: { type: 'revoke_key' }, skip: 1 });
  assert.equal((await partner.get(LIST)).status, 200);
  await partner.get(LIST);
  assert.equal((await partner.get(LIST)).status, 401);
  await emulator.faults.clear();
  assert.equal((await partner.get(LIST)).status, 200);
});
