import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { startEmulator } from './index.js';
import { Td } from './td.js';

/** @type {Awaited<ReturnType<typeof startEmulator>>} */
let emulator;
/** @type {Td} */
let td;

before(async () => {
  emulator = await startEmulator();
  td = new Td(emulator.url('prod'), emulator.key('prod'));
});
after(() => emulator.close());

describe('keys and sites', () => {
  it('answers the health check without a key', async () => {
    const { body } = await new Td(td.url, '').get('/v3/system/server_status');
    assert.deepEqual(body, { status: 'ok' });
  });

  it('rejects invalid keys, missing prefixes and keys of another site with 401 and all fields of an error', async () => {
    for (const headers of [
      { authorization: 'TD1 1/nope' },
      { authorization: td.key },
      { authorization: '' },
    ]) {
      const { status, body } = await td.request('GET', '/v3/database/list', { headers });
      assert.equal(status, 401);
      assert.deepEqual(Object.keys(body), ['error', 'message', 'text', 'severity', 'status_code']);
    }
    const elsewhere = new Td(emulator.url('ap01'), td.key);
    assert.equal((await elsewhere.get('/v3/database/list')).status, 401);
    assert.equal((await elsewhere.get('/v3/user/apikey/validate')).status, 401);
    assert.equal((await td.get('/v3/user/apikey/validate')).status, 200);
  });

  it('separates accounts', async () => {
    const backup = new Td(emulator.url('backup'), emulator.key('backup'));
    assert.deepEqual((await backup.get('/v3/database/list')).body, { databases: [] });
    const { job_id: id } = await td.query('shop', 'SELECT 1');
    assert.equal((await backup.get(`/v3/job/show/${id}`)).status, 404);
  });
});

describe('rights of a key', () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let own;
  /** @type {import('./seed.js').AccountSeed['keys']} */
  const keys = [
    { name: 'no_download', key: '9/no-download', permission: 'query_only', download: false },
    { name: 'elsewhere', key: '9/elsewhere', permission: 'master', allowedIps: ['192.0.2.1'] },
    { name: 'here', key: '9/here', permission: 'master', allowedIps: ['127.0.0.1'] },
  ];
  before(async () => {
    const databases = [
      {
        name: 'shop',
        tables: [
          {
            name: 'visits',
            schema: [
              ['n', 'int'],
              ['f', 'float'],
            ],
          },
        ],
      },
    ];
    const connections = [{ id: 17, name: 'warehouse' }];
    const schedules = [{ name: 'daily', cron: '@daily', query: 'SELECT 1', database: 'shop' }];
    const account = { name: 'own', id: 9, site: 'us01', keys, databases, connections, schedules };
    own = await startEmulator({ seed: { accounts: [account] } });
  });
  after(() => own.close());
  const as = (/** @type {string} */ name) => new Td(own.url('own'), own.key('own', name));

  it('include Download, without which a result is not sent', async () => {
    const { job_id: id } = await as('no_download').query('shop', 'SELECT 1');
    assert.equal((await as('no_download').get(`/v3/job/result/${id}?format=msgpack.gz`)).status, 403);
    const { body } = await as('no_download').get('/v3/database/list?require_permissions=true');
    assert.deepEqual(
      [body.databases[0].database_permissions.query, body.databases[0].database_permissions.download],
      [true, false],
    );
  });

  it('end at its IP allowlist, with the status of the settings', async () => {
    assert.equal((await as('here').get('/v3/database/list')).status, 200);
    assert.equal((await as('elsewhere').get('/v3/database/list')).status, 403);
    own.configure({ allowlistStatus: 401 });
    assert.equal((await as('elsewhere').get('/v3/database/list')).status, 401);
  });

  it('are validated, and the user is shown, with the fields that TD’s clients require', async () => {
    const { body: key } = await as('here').get('/v3/user/apikey/validate');
    assert.deepEqual(key, { key_type: 'master', account_id: 9, user_id: 9, administrator: true });
    const { body: user } = await as('here').get('/v3/user/show');
    const fields =
      'id name first_name last_name email phone gravatar_url administrator account_owner created_at updated_at';
    assert.deepEqual(Object.keys(user), fields.split(' '));
  });

  it('let clients read the account, its connections and its schedules', async () => {
    assert.equal((await as('here').get('/v3/account/show')).body.account.id, 9);
    assert.deepEqual((await as('here').get('/v3/connections/lookup?name=warehouse')).body, { id: 17 });
    assert.equal((await as('here').get('/v3/connections/lookup?name=none')).status, 404);
    assert.equal((await as('here').get('/v3/schedule/list')).body.schedules[0].name, 'daily');
    assert.deepEqual((await as('here').get('/v3/schedule/history/daily')).body.history, []);
    assert.equal((await as('here').get('/v3/schedule/history/none')).status, 404);
    assert.deepEqual((await as('here').get('/v3/result/list')).body, { results: [] });
  });

  it('read the newest rows of a table, as a JSON array unless the format is msgpack', async () => {
    const customers = '/v3/table/tail/shop/customers?count=1';
    assert.equal((await td.get(customers)).body.length, 1);
    assert.ok(Buffer.isBuffer((await td.get(`${customers}&format=msgpack`)).body));
  });

  it('do not change the types of int and float columns, but the settings do', async () => {
    const schema = async () => (await as('here').query('shop', 'SELECT n, f FROM visits')).hive_result_schema;
    assert.equal(await schema(), '[["n", "bigint"], ["f", "double"]]');
    own.configure({ narrowTypes: true });
    await as('here').post('/v3/table/update-schema/shop/visits', { schema: '[["n","int"],["f","float"]]' });
    assert.equal(await schema(), '[["n", "integer"], ["f", "real"]]');
  });
});

describe('deleted tables', () => {
  it('are listed, and come back with their rows', async () => {
    await td.query('shop', 'CREATE TABLE gone AS SELECT 7 AS n');
    await td.post('/v3/table/delete/shop/gone');
    const { body } = await td.get('/v3/table/deleted');
    const { id } = body.tables.find((/** @type {{ name: string }} */ { name }) => name === 'gone');
    await td.post('/v3/table/create/shop/gone/log');
    assert.equal((await td.post(`/v3/table/recover/${id}`)).status, 409);
    await td.post('/v3/table/rename/shop/gone/other');
    assert.equal((await td.post(`/v3/table/recover/${id}`)).body.table, 'gone');
    assert.deepEqual(await td.rows('shop', 'SELECT n FROM gone'), [[7]]);
    assert.equal((await td.post(`/v3/table/recover/${id}`)).status, 404);
  });
});

describe('requests', () => {
  it('may end their path with a slash', async () => {
    assert.equal((await td.get('/v3/job/list/')).status, 200);
    assert.equal((await td.get('/v3/table/show/shop/returns/')).body.name, 'returns');
  });

  it('show one table without the name of its database, as TD’s closed schema has none', async () => {
    assert.equal((await td.get('/v3/table/show/shop/returns')).body.database, undefined);
  });

  it('accepts parameters as form, multipart, JSON and query string', async () => {
    const multipart = new FormData();
    multipart.set('expire_days', '2');
    const bodies = [
      { body: new URLSearchParams({ expire_days: '1' }) },
      { body: multipart },
      { body: '{"expire_days":3}', headers: { 'content-type': 'application/json' } },
    ];
    for (const [index, options] of bodies.entries()) {
      assert.equal((await td.request('POST', '/v3/table/update/shop/returns', options)).status, 200);
      assert.equal((await td.get('/v3/table/show/shop/returns')).body.expire_days, index + 1);
    }
    await td.post('/v3/table/update/shop/returns?expire_days=4');
    assert.equal((await td.get('/v3/table/show/shop/returns')).body.expire_days, 4);
    const schema = { schema: [['a', 'long', null]] };
    const json = { body: JSON.stringify(schema), headers: { 'content-type': 'application/json' } };
    assert.equal((await td.request('POST', '/v3/table/update-schema/edge_cases/empty', json)).status, 200);
  });

  it('accepts the optional .json, doubled slashes and percent-encoded names', async () => {
    assert.equal((await td.get('/v3/database/list.json')).status, 200);
    assert.equal((await td.get('//v3/table/list/shop')).status, 200);
    assert.equal((await td.get('/v3/table/show/shop/%63ustomers')).body.name, 'customers');
    assert.equal((await td.get('/v3/table/show/shop/no%2Fsuch')).status, 404);
    assert.equal((await td.get('/v3/nothing/here')).status, 404);
  });

  it('sends CORS headers only if configured', async () => {
    const origin = { origin: 'http://page.example' };
    const plain = await td.request('GET', '/v3/system/server_status', { headers: origin });
    assert.equal(plain.headers.get('access-control-allow-origin'), null);
    emulator.configure({ cors: true });
    const preflight = await td.request('OPTIONS', '/v3/database/list', { headers: origin });
    assert.equal(preflight.status, 204);
    const opened = await td.request('GET', '/v3/nowhere', { headers: origin });
    emulator.configure({ cors: false });
    assert.equal(opened.headers.get('access-control-allow-origin'), '*');
  });

  it('logs requests and accounts, but no keys', async () => {
    emulator.clearRequests();
    await td.get('/v3/table/list/shop');
    await sleep(20);
    const [entry] = emulator.requests();
    assert.equal(entry?.path, '/v3/table/list/shop');
    assert.deepEqual([entry?.account, entry?.key, entry?.status], ['prod', 'master', 200]);
    assert.ok((entry?.bytesOut ?? 0) > 100 && (entry?.endMs ?? 0) >= (entry?.startMs ?? 0));
    const { body } = await td.get('/__emulator/requests');
    assert.ok(!JSON.stringify(body).includes(td.key));
  });
});

describe('tables', () => {
  it('creates with a schema, aliases and settings, and returns them unchanged', async () => {
    const schema = '[["Name","string","name"],["n","long"],["Odd Key","map<string,array<long>>"]]';
    const form = { schema, expire_days: '7', include_v: 'False', description: 'what it is' };
    assert.equal((await td.post('/v3/table/create/shop/made/log', form)).status, 200);
    const { body } = await td.get('/v3/table/show/shop/made?include_descriptions=true');
    // A key that is not a valid SQL name gets an alias.
    const stored = '[["Name","string","name"],["n","long"],["Odd Key","map<string,array<long>>","odd_key"]]';
    assert.equal(body.schema, stored);
    assert.deepEqual([body.expire_days, body.include_v, body.description], [7, false, 'what it is']);
    assert.equal((await td.post('/v3/table/create/shop/made/log')).status, 409);
    assert.equal((await td.post('/v3/table/create/shop/other/item')).status, 422);
    assert.equal((await td.post('/v3/table/create/nodb/made/log')).status, 404);
    await td.post('/v3/table/create/shop/copied?source_table=made');
    assert.equal((await td.get('/v3/table/show/shop/copied')).body.schema, stored);
    assert.equal((await td.post('/v3/table/create/shop/idem?idempotent_key=k')).status, 200);
    assert.equal((await td.post('/v3/table/create/shop/idem?idempotent_key=k')).status, 200);
  });

  it('replaces, appends and keeps aliases', async () => {
    await td.post('/v3/table/create/shop/schemas', { schema: '[["a","long","alias_a"]]' });
    await td.post('/v3/table/append-schema/shop/schemas', { schema: '[["b","string"],["Big B","string"]]' });
    const shown = async () => JSON.parse((await td.get('/v3/table/show/shop/schemas')).body.schema);
    assert.deepEqual(await shown(), [
      ['a', 'long', 'alias_a'],
      ['b', 'string'],
      ['Big B', 'string', 'big_b'],
    ]);
    await td.post('/v3/table/update-schema/shop/schemas', { schema: '[["a","double",null]]' });
    assert.deepEqual(await shown(), [['a', 'double', 'alias_a']]);
    const twice = { schema: '[["a","long"],["a","string"]]', ignore_duplicate_schema: 'true' };
    assert.equal((await td.post('/v3/table/update-schema/shop/schemas', twice)).status, 200);
  });

  it('shows old counts for a while if configured', async () => {
    emulator.configure({ countLagMs: 150 });
    await td.query('shop', 'CREATE TABLE lagging AS SELECT 1 AS n');
    emulator.configure({ countLagMs: 0 });
    const count = async () => (await td.get('/v3/table/show/shop/lagging')).body.count;
    assert.equal(await count(), 0);
    assert.deepEqual(await td.rows('shop', 'SELECT COUNT(1) FROM lagging'), [[1]]);
    await sleep(200);
    assert.equal(await count(), 1);
  });

  it('renames with overwrite atomically for readers', async () => {
    await td.query('shop', 'CREATE TABLE live AS SELECT 0 AS gen FROM page_views LIMIT 100');
    let reading = true;
    const reader = (async () => {
      const seen = new Set();
      while (reading) {
        const [row] = await td.rows('shop', 'SELECT COUNT(1), MIN(gen), MAX(gen) FROM live');
        assert.equal(row?.[1], row?.[2]);
        seen.add(row?.[0]);
      }
      return seen;
    })();
    for (let generation = 1; generation <= 10; generation += 1) {
      await td.query('shop', `CREATE TABLE staging AS SELECT ${generation} AS gen FROM page_views LIMIT 100`);
      const { status } = await td.post('/v3/table/rename/shop/staging/live', { overwrite: 'true' });
      assert.equal(status, 200);
    }
    reading = false;
    assert.deepEqual([...(await reader)], [100]);
  });

  it('accepts database names that DuckDB reserves', async () => {
    for (const name of ['main', 'temp', 'system', 'memory']) {
      await td.post(`/v3/database/create/${name}`);
      await td.query(name, 'CREATE TABLE here AS SELECT 1 AS n');
      assert.deepEqual(await td.rows('shop', `SELECT n FROM ${name}.here`), [[1]]);
      assert.deepEqual(await td.rows(name, `SELECT n FROM "td"."${name}"."here" JOIN here h USING (n)`), [
        [1],
      ]);
    }
    assert.equal((await td.query('shop', 'SELECT * FROM here')).status, 'error');
  });
});

describe('results', () => {
  it('serves ranges of the stored bytes, with ETag and If-Range', async () => {
    const job = await td.query('shop', 'SELECT * FROM page_views');
    const path = `/v3/job/result/${job.job_id}?format=msgpack.gz`;
    const whole = await td.request('GET', path, { headers: { 'accept-encoding': 'gzip, deflate' } });
    assert.equal(whole.status, 200);
    assert.equal(whole.headers.get('content-encoding'), null);
    assert.equal(whole.body.length, job.result_size);
    assert.equal(Number(whole.headers.get('content-length')), job.result_size);
    const range = await td.request('GET', path, { headers: { range: 'bytes=1000-1999' } });
    assert.equal(range.status, 206);
    assert.equal(range.headers.get('content-range'), `bytes 1000-1999/${job.result_size}`);
    assert.deepEqual(range.body, whole.body.subarray(1000, 2000));
    const etag = whole.headers.get('etag') ?? '';
    assert.match(etag, /^"/);
    const same = await td.request('GET', path, { headers: { range: 'bytes=5-', 'if-range': etag } });
    assert.deepEqual([same.status, same.body.length], [206, job.result_size - 5]);
    const other = await td.request('GET', path, { headers: { range: 'bytes=5-', 'if-range': '"other"' } });
    assert.deepEqual([other.status, other.body.length], [200, job.result_size]);
    const beyond = await td.request('GET', path, { headers: { range: `bytes=${job.result_size}-` } });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers.get('content-range'), `bytes */${job.result_size}`);
  });

  it('converts to json, csv and tsv, with an optional header', async () => {
    const { job_id: id } = await td.query('shop', `SELECT 1 AS a, 'x,"y"' AS b, nan() AS c, NULL AS d`);
    /** @param {string} params */
    const text = async (params) => {
      const answer = await fetch(`${td.url}/v3/job/result/${id}?${params}`, {
        headers: { authorization: `TD1 ${td.key}` },
      });
      return answer.text();
    };
    assert.equal(await text('format=json&header=True'), '["a","b","c","d"]\n[1,"x,\\"y\\"",NaN,null]\n');
    assert.equal(await text('format=json&nullify_special=TRUE'), '[1,"x,\\"y\\"",null,null]\n');
    assert.equal(await text('format=csv&header=true'), 'a,b,c,d\n1,"x,""y""",NaN,\n');
    assert.equal(await text('format=tsv'), '1\t"x,""y"""\tNaN\t\n');
    assert.equal((await td.get(`/v3/job/result/${id}?format=csv.gz`)).status, 406);
    assert.equal((await td.get(`/v3/job/result/${id}`)).status, 500);
  });

  it('returns msgpack plain, or gzip-encoded with its length', async () => {
    const { job_id: id } = await td.query('shop', 'SELECT 1');
    const path = `/v3/job/result/${id}?format=msgpack`;
    const plain = await td.request('GET', path, { headers: { 'accept-encoding': 'identity' } });
    assert.deepEqual([...plain.body], [0x91, 1]);
    const encoded = await td.request('GET', path, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(encoded.headers.get('content-encoding'), 'gzip');
    assert.deepEqual([...encoded.body], [0x91, 1]);
  });

  it('returns empty gzip for no rows, and 404 before the end', async () => {
    const none = await td.query('shop', 'SELECT * FROM returns');
    const { body } = await td.get(`/v3/job/result/${none.job_id}?format=msgpack.gz`);
    assert.deepEqual([none.num_records, none.result_size, gunzipSync(body).length], [0, body.length, 0]);
    emulator.configure({ delays: { queued: 100, booting: 0, running: 0, final: 0 } });
    const { body: issued } = await td.post('/v3/job/issue/trino/shop', { query: 'SELECT 1' });
    emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
    assert.equal((await td.get(`/v3/job/result/${issued.job_id}?format=msgpack.gz`)).status, 404);
    assert.equal((await td.finish(issued.job_id)).status, 'success');
  });

  it('reuses the result of a repeated query until its tables change', async () => {
    await td.query('shop', 'CREATE TABLE cached AS SELECT 1 AS n');
    const etag = async () => {
      const { job_id: id } = await td.query('shop', 'SELECT n FROM cached');
      return (await td.get(`/v3/job/result/${id}?format=msgpack.gz`)).headers.get('etag');
    };
    const first = await etag();
    assert.equal(await etag(), first);
    await td.query('shop', 'INSERT INTO cached (n) VALUES (2)');
    assert.notEqual(await etag(), first);
    assert.deepEqual(await td.rows('shop', 'SELECT n FROM cached ORDER BY n'), [[1], [2]]);
  });
});

describe('jobs', () => {
  it('goes through its states and reports the times', async () => {
    emulator.configure({ delays: { queued: 60, booting: 60, running: 60, final: 60 } });
    const { body } = await td.post('/v3/job/issue/presto/shop', { query: 'SELECT 1', priority: '-2' });
    const seen = new Set();
    for (;;) {
      const { status, start_at: start, end_at: end } = (await td.get(`/v3/job/status/${body.job_id}`)).body;
      seen.add(status);
      if (status === 'queued') assert.deepEqual([start, end], ['', '']);
      if (status === 'success') break;
      await sleep(10);
    }
    emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
    assert.deepEqual([...seen], ['queued', 'booting', 'running', 'success']);
    const job = await td.finish(body.job_id);
    assert.match(job.end_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    assert.deepEqual(
      [job.priority, job.type, job.hive_result_schema],
      [-2, 'presto', '[["_col0", "integer"]]'],
    );
  });

  it('is killed while queued; a kill of a finished job returns its status', async () => {
    emulator.configure({ delays: { queued: 5000, booting: 0, running: 0, final: 0 } });
    const { body } = await td.post('/v3/job/issue/presto/shop', { query: 'SELECT 1' });
    emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
    assert.equal((await td.post(`/v3/job/kill/${body.job_id}`)).body.former_status, 'queued');
    assert.equal((await td.finish(body.job_id)).status, 'killed');
    assert.equal((await td.post(`/v3/job/kill/${body.job_id}`)).body.former_status, 'killed');
  });

  // Without the kill, the query would run for days, so a lost kill is a timeout of this test.
  it('is killed at any time, also between two statements', { timeout: 120_000 }, async () => {
    const tables = 'page_views a, page_views b, page_views c';
    for (let round = 0; round < 80; round += 1) {
      const query = `SELECT COUNT(1) FROM ${tables} WHERE a.id % 1000 + b.id % 1000 + c.id % 1000 = ${round}`;
      const { body } = await td.post('/v3/job/issue/presto/shop', { query });
      await sleep((round % 40) / 2);
      await td.post(`/v3/job/kill/${body.job_id}`);
      assert.equal((await td.finish(body.job_id)).status, 'killed');
    }
  });

  it('rejects what TD rejects', async () => {
    const issue = (/** @type {Record<string, string>} */ form, type = 'presto', database = 'shop') =>
      td.post(`/v3/job/issue/${type}/${database}`, { query: 'SELECT 1', ...form });
    assert.equal((await issue({ engine_version: 'newest' })).status, 422);
    assert.equal((await issue({ engine_version: 'stable' })).status, 200);
    assert.equal((await issue({ pool_name: 'mine' })).status, 400);
    assert.equal((await issue({ query: '' })).status, 422);
    assert.equal((await issue({ query: `SELECT '${'x'.repeat(1_000_000)}'` })).status, 422);
    assert.equal((await issue({}, 'pig')).status, 422);
    assert.equal((await issue({}, 'presto', 'nodb')).status, 404);
    assert.equal((await issue({}, 'trino')).status, 200);
  });
});
