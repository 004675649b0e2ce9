import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { startEmulator } from './index.js';
import { partOf, rowsOf, Td } from './td.js';

const NO_DELAYS = { queued: 0, booting: 0, running: 0, final: 0 };

/** @type {Awaited<ReturnType<typeof startEmulator>>} */
let emulator;
/** @type {Td} */
let td;

before(async () => {
  emulator = await startEmulator();
  td = new Td(emulator.url('prod'), emulator.key('prod'));
  await td.post('/v3/database/create/imports');
});
after(() => emulator.close());

/**
 * Creates a table and a session of the same name.
 * @param {string} name
 * @param {string} [schema]
 */
async function create(name, schema) {
  await td.post(`/v3/table/create/imports/${name}/log`, schema ? { schema } : {});
  const { status, body } = await td.post(`/v3/bulk_import/create/${name}/imports/${name}`);
  assert.deepEqual([status, body], [200, { name, bulk_import: name }]);
}

/** @param {string} name @param {string} step */
const step = (name, step) => td.post(`/v3/bulk_import/${step}/${name}`);

/** @param {string} name @returns {Promise<any>} */
const show = async (name) => (await td.get(`/v3/bulk_import/show/${name}`)).body;

it('goes from uploading to committed, and shows each state', async () => {
  await create('states');
  emulator.configure({ delays: { ...NO_DELAYS, running: 50 }, commitDelayMs: 50 });
  await td.upload('states', 'a', [{ time: 1, n: 1 }]);
  assert.equal((await show('states')).status, 'uploading');
  await step('states', 'freeze');
  const frozen = await show('states');
  assert.deepEqual([frozen.status, frozen.upload_frozen, frozen.valid_records], ['uploading', true, null]);
  const { body } = await step('states', 'perform');
  assert.equal(typeof body.job_id, 'number');
  const performing = await show('states');
  assert.deepEqual([performing.status, performing.job_id], ['performing', String(body.job_id)]);
  assert.equal((await step('states', 'perform')).status, 409);
  const job = await td.finish(String(body.job_id));
  assert.equal(job.type, 'bulk_import_perform');
  assert.match(job.query, /^LOAD DATA SESSION /);
  const ready = await td.until('states', 'ready');
  assert.deepEqual(
    [ready.valid_records, ready.error_records, ready.valid_parts, ready.error_parts],
    [1, 0, 1, 0],
  );
  await step('states', 'commit');
  assert.equal((await show('states')).status, 'committing');
  await td.until('states', 'committed');
  emulator.configure({ delays: NO_DELAYS, commitDelayMs: 0 });
  assert.deepEqual(await td.rows('imports', 'SELECT n, time FROM states'), [[1, 1]]);
  assert.equal((await step('states', 'delete')).status, 200);
  assert.equal((await step('states', 'delete')).status, 404);
  assert.deepEqual(await td.rows('imports', 'SELECT n, time FROM states'), [[1, 1]]);
});

it('takes parts of any content type and in chunks, and is performed without a freeze', async () => {
  await create('unfrozen');
  const path = '/v3/bulk_import/upload_part/unfrozen/';
  for (const type of [
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data',
  ]) {
    const part = type.replace(/\W/g, '_');
    const body = partOf([{ time: 1, n: part.length }]);
    const headers = { 'content-type': type };
    assert.equal((await td.request('PUT', path + part, { body, headers })).status, 200, type);
  }
  const chunks = new Blob([partOf([{ time: 2, n: 0 }])]).stream();
  const options = /** @type {any} */ ({ method: 'PUT', body: chunks, duplex: 'half' });
  const headers = { authorization: `TD1 ${td.key}` };
  assert.equal((await fetch(`${td.url}${path}chunks.gz`, { ...options, headers })).status, 200);
  assert.equal((await td.upload('unfrozen', 'a.b.c', [{ time: 1 }])).status, 422);
  assert.equal((await step('unfrozen', 'perform')).status, 200);
  assert.equal((await td.until('unfrozen', 'ready')).valid_records, 5);
});

it('exports the result of a finished job to a table', async () => {
  await create('exported');
  const { job_id: id } = await td.query('imports', 'SELECT 5 AS n, 1 AS time');
  const { body } = await td.post(`/v3/job/result_export/${id}`, {
    result: 'td://@/imports/exported?mode=append',
  });
  assert.equal((await td.finish(body.job_id)).status, 'success');
  assert.deepEqual(await td.rows('imports', 'SELECT n FROM exported'), [[5]]);
});

it('can be unfrozen when ready, accept more parts and perform again', async () => {
  await create('again');
  await td.upload('again', 'a', [{ time: 1, n: 1 }]);
  for (const more of [null, { time: 2, n: 2 }]) {
    if (more) {
      assert.equal((await td.upload('again', 'b', [more])).status, 409);
      assert.equal((await step('again', 'unfreeze')).status, 200);
      assert.equal((await td.upload('again', 'b', [more])).status, 200);
    }
    await step('again', 'freeze');
    await step('again', 'perform');
    await td.until('again', 'ready');
  }
  assert.equal((await show('again')).valid_records, 2);
  await step('again', 'commit');
  await td.until('again', 'committed');
  assert.deepEqual(await td.rows('imports', 'SELECT n FROM again ORDER BY n'), [[1], [2]]);
  assert.equal((await step('again', 'commit')).status, 409);
});

it('appends rows, even if the table is renamed', async () => {
  await create('added');
  await td.query('imports', 'INSERT INTO added (n, time) VALUES (0, 0)');
  await td.upload('added', 'a', [{ time: 1, n: 1 }]);
  await step('added', 'freeze');
  await step('added', 'perform');
  await td.until('added', 'ready');
  await td.post('/v3/table/rename/imports/added/renamed');
  await step('added', 'commit');
  await td.until('added', 'committed');
  assert.deepEqual(await td.rows('imports', 'SELECT n FROM renamed ORDER BY n'), [[0], [1]]);
});

it('keeps every value exactly, by key, independent of aliases', async () => {
  await create(
    'exact',
    '[["s","string","text"],["l","long"],["big","long"],["d","double"],["a","array<array<string>>"]]',
  );
  const records = [
    {
      time: 1,
      s: { $bytes: '//5h' },
      l: { $int: '9223372036854775807' },
      d: { $float: '-0.0' },
      a: [['x', null], []],
    },
    {
      time: 2,
      s: '\u{10FFFF} \u0000',
      l: { $int: '-9223372036854775808' },
      big: { $int: '18446744073709551615' },
    },
    { time: 3, s: { $repeat: ['é', 500_000] }, l: null, d: { $float: 'NaN' }, a: [] },
  ];
  await td.upload('exact', 'all', records);
  await step('exact', 'freeze');
  await step('exact', 'perform');
  await td.until('exact', 'ready');
  await step('exact', 'commit');
  await td.until('exact', 'committed');
  const { job_id: id } = await td.query('imports', 'SELECT text, l, big, d, a FROM exact ORDER BY time');
  const { body } = await td.get(`/v3/job/result/${id}?format=msgpack.gz`);
  const bytes = gunzipSync(body);
  // The bytes of the first row: fixarray 5, the invalid string unchanged, int64 max as uint64, nil, -0.0, the lists.
  const first = [
    0x95,
    0xa3,
    0xff,
    0xfe,
    0x61,
    0xcf,
    0x7f,
    ...Array(7).fill(0xff),
    0xc0,
    0xcb,
    0x80,
    ...Array(7).fill(0),
  ];
  assert.deepEqual([...bytes.subarray(0, first.length + 6)], [...first, 0x92, 0x92, 0xa1, 0x78, 0xc0, 0x90]);
  const rows = rowsOf(Buffer.from(bytes.subarray(first.length + 6)));
  assert.deepEqual(rows[0], ['\u{10FFFF} \u0000', -9223372036854775808n, null, null, null]);
  assert.deepEqual(rows[1], ['é'.repeat(500_000), null, null, Number.NaN, []]);
});

it('distinguishes keys that differ only in case', async () => {
  await create('cases');
  await td.upload('cases', 'a', [{ time: 1, Name: 'upper', name: 'lower', 名: 'kanji' }]);
  await step('cases', 'freeze');
  await step('cases', 'perform');
  await td.until('cases', 'ready');
  await step('cases', 'commit');
  await td.until('cases', 'committed');
  const { body } = await td.get('/v3/table/show/imports/cases');
  assert.equal(body.schema, '[["Name","string","name_2"],["name","string"],["名","string","_"]]');
  assert.deepEqual(await td.rows('imports', 'SELECT name, name_2, _ FROM cases'), [
    ['lower', 'upper', 'kanji'],
  ]);
});

it('keeps the schema if detect_schema is off', async () => {
  await td.post('/v3/table/create/imports/fixed/log', { schema: '[["n","long"]]', detect_schema: 'false' });
  await td.post('/v3/bulk_import/create/fixed/imports/fixed');
  await td.upload('fixed', 'a', [{ time: 1, n: 1, extra: 'x' }]);
  await step('fixed', 'freeze');
  await step('fixed', 'perform');
  await td.until('fixed', 'ready');
  await step('fixed', 'commit');
  await td.until('fixed', 'committed');
  assert.equal((await td.get('/v3/table/show/imports/fixed')).body.schema, '[["n","long"]]');
  await td.post('/v3/table/update-schema/imports/fixed', { schema: '[["extra","string"]]' });
  assert.deepEqual(await td.rows('imports', 'SELECT * FROM fixed'), [['x', 1]]);
});

it('rejects a part with a truncated body', async () => {
  await create('cut');
  const body = partOf([{ time: 1, n: 1 }]);
  const controller = new AbortController();
  const stream = new ReadableStream({
    start(sink) {
      sink.enqueue(body.subarray(0, 10));
      setTimeout(() => controller.abort(), 30);
    },
  });
  const options = { method: 'PUT', body: stream, duplex: 'half', signal: controller.signal };
  const headers = { authorization: `TD1 ${td.key}`, 'content-type': 'application/octet-stream' };
  const url = `${td.url}/v3/bulk_import/upload_part/cut/a`;
  await assert.rejects(fetch(url, /** @type {any} */ ({ ...options, headers })));
  await sleep(50);
  assert.deepEqual((await td.get('/v3/bulk_import/list_parts/cut')).body.parts, []);
  assert.equal((await td.post('/v3/bulk_import/delete_part/cut/a')).status, 404);
});

it('lists sessions, and returns no error records before perform', async () => {
  await create('listed');
  const { body } = await td.get('/v3/bulk_import/list');
  assert.ok(body.bulk_imports.some((/** @type {any} */ session) => session.name === 'listed'));
  assert.equal((await td.get('/v3/bulk_import/error_records/listed')).body.length, 0);
  assert.equal((await td.get('/v3/bulk_import/error_records/nope')).status, 404);
});

it('returns to uploading when its perform job is killed', async () => {
  await create('killed');
  emulator.configure({ delays: { ...NO_DELAYS, running: 5000 } });
  await step('killed', 'freeze');
  const { body } = await step('killed', 'perform');
  await sleep(20);
  await td.post(`/v3/job/kill/${body.job_id}`);
  emulator.configure({ delays: NO_DELAYS });
  const session = await td.until('killed', 'uploading');
  assert.equal(session.upload_frozen, true);
  assert.equal((await td.finish(String(body.job_id))).status, 'killed');
});
