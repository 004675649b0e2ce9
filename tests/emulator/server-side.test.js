import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from './index.js';
import { TableWriter } from './table-writer.js';
import { Td } from './td.js';

// Server-side copies: INSERT … SELECT, CREATE TABLE AS and result output. Also job slots.

/** @type {Awaited<ReturnType<typeof startEmulator>>} */
let emulator;
/** @type {Td} */
let td;
/** @type {Td} */
let other;

before(async () => {
  emulator = await startEmulator();
  td = new Td(emulator.url('prod'), emulator.key('prod'));
  other = new Td(emulator.url('backup'), emulator.key('backup'));
  await td.post('/v3/database/create/copies');
  await other.post('/v3/database/create/copies');
});
beforeEach(() => {
  emulator.faults.clear();
  emulator.configure({
    delays: { queued: 0, booting: 0, running: 0, final: 0 },
    jobSlots: 0,
    linkedExport: false,
  });
});
after(() => emulator.close());

const COLUMNS = '"id", "first_name", "time"';
const SCHEMA = JSON.stringify([
  ['id', 'long'],
  ['First Name', 'string', 'first_name'],
]);

/** @param {Td} client @param {string} name */
const create = (client, name) => client.post(`/v3/table/create/copies/${name}/log`, { schema: SCHEMA });

/** @param {string} name @param {{ key?: string, mode?: string, host?: string }} [options] */
function outputTo(name, { key = other.key, mode = 'append', host = new URL(other.url).host } = {}) {
  return `td://${encodeURIComponent(key)}@${host}/copies/${name}?mode=${mode}`;
}

describe('a query that writes', () => {
  it('reports the inserted rows, has no result, and runs once per domain key', async () => {
    await create(td, 'once');
    const insert = `INSERT INTO copies.once (${COLUMNS}) SELECT ${COLUMNS} FROM customers`;
    const job = await td.query('shop', insert, { domain_key: 'once-1' });
    assert.equal(job.status, 'success', job.debug.stderr);
    const { body: statistics } = await td.get(`/v3/job/statistics/${job.job_id}`);
    assert.deepEqual(statistics, { records_inserted: '3' });
    assert.equal((await td.get(`/v3/job/result/${job.job_id}?format=msgpack.gz`)).status, 404);

    const again = await td.post('/v3/job/issue/presto/shop', { query: insert, domain_key: 'once-1' });
    assert.equal(again.status, 409);
    assert.deepEqual(again.body.details, { conflicts_with: job.job_id });
    const { body: found } = await td.get('/v3/job/status_by_domain_key/once-1');
    assert.equal(found.job_id, job.job_id);
    assert.deepEqual(await td.rows('copies', 'SELECT COUNT(1) FROM once'), [[3]]);
  });

  it('can run concurrently with others into one table', async () => {
    await create(td, 'ranges');
    const insert = (/** @type {string} */ where) =>
      td.query(
        'shop',
        `INSERT INTO copies.ranges (${COLUMNS}) SELECT ${COLUMNS} FROM customers WHERE ${where}`,
      );
    const [[from, to] = []] = await td.rows('shop', 'SELECT MIN(time), MAX(time) FROM customers');
    const ranges = [
      `TD_TIME_RANGE(time, NULL, ${from + 1})`,
      `TD_TIME_RANGE(time, ${from + 1}, ${to})`,
      `TD_TIME_RANGE(time, ${to}, NULL)`,
    ];
    const jobs = await Promise.all(ranges.map(insert));
    assert.deepEqual(new Set(jobs.map(({ status }) => status)), new Set(['success']));
    const all = `SELECT ${COLUMNS} FROM`;
    assert.deepEqual(
      await td.rows('copies', `${all} ranges ORDER BY id`),
      await td.rows('shop', `${all} customers ORDER BY id`),
    );
  });

  it('writes all or nothing when it is killed', async () => {
    await create(td, 'killed');
    emulator.configure({ delays: { queued: 0, booting: 0, running: 60_000, final: 0 } });
    const query = `INSERT INTO copies.killed (${COLUMNS}) SELECT ${COLUMNS} FROM customers`;
    const { body } = await td.post('/v3/job/issue/presto/shop', { query });
    await td.post(`/v3/job/kill/${body.job_id}`);
    assert.equal((await td.finish(body.job_id)).status, 'killed');
    emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
    assert.deepEqual(await td.rows('copies', 'SELECT COUNT(1) FROM killed'), [[0]]);
  });
});

describe('result output to TD', () => {
  const sql = `SELECT "id", "first_name" AS "First Name", "time" FROM customers`;

  it('writes rows to a table of another account, under the keys of its schema', async () => {
    await create(other, 'across');
    const job = await td.query('shop', sql, { result: outputTo('across') });
    assert.equal(job.status, 'success', job.debug.stderr);
    assert.equal(job.num_records, 3);
    const all = `SELECT ${COLUMNS} FROM`;
    assert.deepEqual(
      await other.rows('copies', `${all} across ORDER BY id`),
      await td.rows('shop', `${all} customers ORDER BY id`),
    );
    const { body } = await other.get('/v3/table/list/copies');
    const { schema } = body.tables.find((/** @type {any} */ { name }) => name === 'across');
    assert.equal(schema, SCHEMA);
  });

  it('adds rows by append and replaces them by replace and truncate', async () => {
    const count = async () => (await other.rows('copies', 'SELECT COUNT(1) FROM modes'))[0][0];
    for (const [mode, rows] of /** @type {const} */ ([
      ['append', 3],
      ['append', 6],
      ['replace', 3],
      ['append', 6],
      ['truncate', 3],
    ])) {
      const job = await td.query('shop', sql, { result: outputTo('modes', { mode }) });
      assert.equal(job.status, 'success', job.debug.stderr);
      assert.equal(await count(), rows, mode);
    }
  });

  it('writes to the same account if the URL names no host', async () => {
    const job = await td.query('shop', sql, { result: 'td://@/copies/at_home' });
    assert.equal(job.status, 'success', job.debug.stderr);
    assert.deepEqual(await td.rows('copies', 'SELECT COUNT(1) FROM at_home'), [[3]]);
  });

  it('can be a separate job that is linked to the query', async () => {
    emulator.configure({ linkedExport: true });
    const job = await td.query('shop', sql, { result: outputTo('linked') });
    const exported = await td.finish(String(job.linked_result_export_job_id));
    assert.equal(exported.status, 'success', exported.debug.stderr);
    assert.equal(exported.type, 'result_export');
    assert.equal(String(exported.result_export_target_job_id), job.job_id);
    assert.deepEqual(await other.rows('copies', 'SELECT COUNT(1) FROM linked'), [[3]]);
  });

  it('needs a key with permission, and a known host, database and URL format', async () => {
    const status = async (/** @type {string} */ result) => {
      const response = await td.post('/v3/job/issue/presto/shop', { query: sql, result });
      assert.ok(!JSON.stringify(response.body).includes(other.key.slice(2)), 'the response has no key');
      return response.status;
    };
    assert.equal(await status(outputTo('rejected', { key: '2/nope' })), 401);
    assert.equal(
      await status(
        outputTo('rejected', { key: emulator.key('prod', 'import_only'), mode: 'replace', host: '' }),
      ),
      403,
    );
    assert.equal(await status(outputTo('rejected', { host: 'elsewhere.example' })), 422);
    assert.equal(await status(outputTo('rejected', { mode: 'update' })), 422);
    assert.equal(await status(`td://${other.key}@${new URL(other.url).host}/nowhere/t`), 404);
    assert.equal(await status(`mysql://user:${other.key}@host/db/t`), 422);
  });

  it('fails if the table is deleted meanwhile, and does not write to a new one of the same name', async () => {
    await create(other, 'gone');
    const { writeRows } = TableWriter.prototype;
    TableWriter.prototype.writeRows = async function (/** @type {Parameters<typeof writeRows>} */ ...args) {
      TableWriter.prototype.writeRows = writeRows;
      await other.post('/v3/table/delete/copies/gone');
      await create(other, 'gone');
      return writeRows.apply(this, args);
    };
    const job = await td.query('shop', sql, { result: outputTo('gone') });
    assert.equal(job.status, 'error');
    assert.match(job.debug.stderr, /copies\.gone is gone/);
    assert.deepEqual(await other.rows('copies', 'SELECT COUNT(1) FROM gone'), [[0]]);
  });

  it('shows its URL with the key to every key that may see jobs; the request log has no key', async () => {
    const url = outputTo('seen');
    const { job_id: id } = await td.query('shop', sql, { result: url });
    const reader = new Td(td.url, emulator.key('prod', 'query_only'));
    const { body } = await reader.get('/v3/job/list');
    assert.equal(body.jobs.find((/** @type {any} */ job) => job.job_id === id).result, url);
    const query = new URLSearchParams({ query: sql, result: url });
    assert.equal((await td.post(`/v3/job/issue/presto/shop?${query}`)).status, 200);
    const log = JSON.stringify(emulator.requests());
    assert.ok(log.includes('result=[hidden]'));
    assert.ok(!log.includes(other.key.slice(2)), 'no key is in the log');
  });
});

describe('job slots', () => {
  it('limit the running jobs of an account, and queue the others', async () => {
    emulator.configure({ jobSlots: 2, delays: { queued: 0, booting: 0, running: 60_000, final: 0 } });
    const issued = await Promise.all(
      Array.from({ length: 5 }, () => td.post('/v3/job/issue/presto/shop', { query: 'SELECT 1' })),
    );
    const ids = issued.map(({ body }) => body.job_id);
    const stateOf = async (/** @type {string} */ id) => (await td.get(`/v3/job/status/${id}`)).body.status;
    const states = async () => Promise.all(ids.map(stateOf));
    while ((await states()).filter((state) => state === 'running').length < 2) await sleep(5);
    assert.deepEqual((await states()).sort(), ['queued', 'queued', 'queued', 'running', 'running']);

    const [waiting, running] = ['queued', 'running'].map(
      (state) => async () => ids[(await states()).indexOf(state)],
    );
    const kill = async (/** @type {string} */ id) => {
      await td.post(`/v3/job/kill/${id}`);
      assert.equal((await td.finish(id)).status, 'killed');
    };
    await kill(await waiting?.());
    assert.deepEqual((await states()).sort(), ['killed', 'queued', 'queued', 'running', 'running']);
    await kill(await running?.());
    while ((await states()).filter((state) => state === 'running').length < 2) await sleep(5);
    emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
    assert.equal(
      (await other.query('copies', 'SELECT 1')).status,
      'success',
      'another account has its own slots',
    );
    for (const id of ids) await td.post(`/v3/job/kill/${id}`);
    for (const id of ids) await td.finish(id);
  });
});
