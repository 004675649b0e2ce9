import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { exportTables, listTables } from '../../pkg-scripts/node.js';
import { CONTROL_CHARS } from '../support/hostile-names.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

/** Servers with endless, deeply nested or wrong responses: petit ends with a clear error. */

/** @import { ServerResponse } from 'node:http' */
/** @import { TestContext } from 'node:test' */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const MEGABYTE = 2 ** 20;

/**
 * Starts a server for the test, and returns an account there.
 * @param {TestContext} test
 * @param {(response: ServerResponse) => void} respond
 */
async function accountAt(test, respond) {
  const server = createServer((_request, response) => respond(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { endpoint: `http://127.0.0.1:${port}`, apikey: env.account.apikey };
}

/**
 * Sends a text repeatedly until the client disconnects.
 * @param {ServerResponse} response
 * @param {string} start
 * @param {string} repeated
 */
function sendEndlessly(response, start, repeated) {
  const bytes = Buffer.alloc(MEGABYTE, repeated);
  const send = () => {
    while (!response.destroyed && response.write(bytes));
  };
  response.write(start);
  response.on('drain', send);
  send();
}

/**
 * @param {Promise<unknown>} work
 * @returns {Promise<any>} its error, whose message is one short line without control characters
 */
async function errorOf(work) {
  const error = /** @type {any} */ (
    await work.then(
      () => assert.fail('the call succeeded'),
      (thrown) => thrown,
    )
  );
  assert.ok(error.message.length < 7000, `${error.message.length} characters`);
  assert.doesNotMatch(error.message, CONTROL_CHARS);
  assert.ok(!error.message.includes('\n'));
  return error;
}

const quick = { retryTimeoutMs: 0 };

describe('an endless response', () => {
  it('is an error in a listing', async (test) => {
    const account = await accountAt(test, (response) => sendEndlessly(response, '{"tables":[{"name":"', 'x'));
    const before = process.memoryUsage.rss();
    const error = await errorOf(listTables(account, 'shop', quick));
    assert.equal(error.code, 'unexpected_reply');
    assert.match(error.message, /more than 134217728 bytes/);
    const grown = process.memoryUsage.rss() - before;
    assert.ok(grown < 700 * MEGABYTE, `${grown} bytes of memory`);
  });

  it('is truncated in an error response', async (test) => {
    for (const start of ['', '<html><title>', '{"error":"']) {
      const account = await accountAt(test, (response) => {
        response.writeHead(403);
        sendEndlessly(response, start, 'x\u001b[2J');
      });
      assert.equal((await errorOf(listTables(account, 'shop', quick))).code, 'source_refused');
    }
  });

  it('of headers is an error without a retry', async (test) => {
    let requests = 0;
    const account = await accountAt(test, (response) => {
      requests += 1;
      const headers = Array.from({ length: 2000 }, (_, index) => [`x-${index}`, 'y'.repeat(100)]);
      response.writeHead(200, Object.fromEntries(headers)).end('{}');
    });
    const error = await errorOf(listTables(account, 'shop', { retryTimeoutMs: 60_000 }));
    assert.equal(error.code, 'network');
    assert.match(error.message, /headers are too large/);
    assert.equal(requests, 1);
  });

  it('beyond the end of a range is an error', async (test) => {
    const { emulator } = env;
    const account = await accountAt(test, (response) => {
      const { url = '' } = response.req;
      if (!url.startsWith('/v3/job/result/')) {
        const job = { job_id: '7', status: 'success', num_records: 1, result_size: 64 * MEGABYTE };
        response.end(JSON.stringify({ ...job, hive_result_schema: '[["a","bigint"]]', debug: {} }));
        return;
      }
      const [, start = 0, end = 0] = /bytes=(\d+)-(\d+)/.exec(response.req.headers.range ?? '') ?? [];
      response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${64 * MEGABYTE}`, etag: '"e"' });
      sendEndlessly(response, '', '\u0000');
    });
    const run = { account, database: 'shop', jobId: '7', outputDir: env.folder, workers: 0 };
    const { errors } = await exportTables({ ...run, ...quick });
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['result_changed'],
    );
    assert.ok(emulator && (await env.files()).length === 0);
  });
});

describe('a result with more than its job promised', () => {
  /**
   * Exports a job of one row, whose result the server sends without end.
   * @param {TestContext} test
   * @param {{ resultSize?: number, row: Buffer, isGzip: boolean }} job
   */
  async function failure(test, { resultSize, row, isGzip }) {
    const account = await accountAt(test, (response) => {
      const { url = '' } = response.req;
      if (!url.startsWith('/v3/job/result/')) {
        const job = { job_id: '7', status: 'success', num_records: 1, result_size: resultSize };
        response.end(JSON.stringify({ ...job, hive_result_schema: '[["a","bigint"]]', debug: {} }));
        return;
      }
      const rows = Buffer.alloc(MEGABYTE, row);
      const chunk = isGzip ? gzipSync(rows) : rows;
      const send = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', send);
      send();
    });
    const run = { account, database: 'shop', jobId: '7', outputDir: env.folder, workers: 0 };
    const { errors } = await exportTables({ ...run, ...quick });
    assert.equal((await env.files()).length, 0);
    return errors[0];
  }

  it('is not read beyond its rows, nor beyond its bytes', async (test) => {
    const row = Buffer.from([0x91, 1]);
    for (const isGzip of [true, false]) {
      const rows = await failure(test, { row, isGzip });
      assert.deepEqual(
        [rows?.code, rows?.message],
        ['row_count_mismatch', 'the job has 1 row, but more were received; petit stopped reading'],
      );
      const bytes = await failure(test, { row, isGzip, resultSize: 100 });
      assert.deepEqual(
        [bytes?.code, /more than the 100 bytes/.test(bytes?.message ?? '')],
        ['result_changed', true],
      );
    }
  });
});

describe('a deeply nested response', () => {
  it('is an error', async (test) => {
    for (const text of ['['.repeat(MEGABYTE), `{"tables":${'[{"a":'.repeat(100_000)}`]) {
      const account = await accountAt(test, (response) => void response.end(text));
      const error = await errorOf(listTables(account, 'shop', quick));
      assert.equal(error.code, 'unexpected_reply');
    }
    const schema = JSON.stringify([['a', `${'array('.repeat(100_000)}bigint${')'.repeat(100_000)}`]]);
    env.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
    const run = { account: env.account, database: 'shop', tables: ['orders'], outputDir: env.folder };
    const { errors } = await exportTables({ ...run, workers: 0 });
    assert.match(errors[0]?.message ?? '', /it has more than 28 levels/);
  });
});

describe('wrong numbers', () => {
  const wrongNumbers = [2 ** 60, 1e300, '18446744073709551615', -1, 1.5, 'many', {}, true];

  it('in a listing become zero rows, or an error', async (test) => {
    for (const wrong of wrongNumbers) {
      const tables = [
        { name: 'abc', count: wrong, estimated_storage_size: wrong, schema: '[]', expire_days: wrong },
      ];
      const account = await accountAt(test, (response) => void response.end(JSON.stringify({ tables })));
      const [outcome] = await Promise.allSettled([listTables(account, 'shop', quick)]);
      if (outcome.status === 'fulfilled') assert.equal(outcome.value[0]?.count ?? 0, 0);
      else assert.equal(outcome.reason.code, 'unexpected_reply', `${outcome.reason}`);
    }
  });

  it('about a job fail its table, and no file is written', async () => {
    for (const field of ['num_records', 'result_size']) {
      for (const wrong of [2 ** 60, 2 ** 52, 1e300, 'many', 3]) {
        env.emulator.faults.clear();
        env.fail({ path: '/job/show', times: -1, action: { type: 'patch', set: { [field]: wrong } } });
        const run = { account: env.account, database: 'shop', tables: ['orders'], outputDir: env.folder };
        const { errors, tables } = await exportTables({ ...run, workers: 0, ...quick, overwrite: true });
        // A size that is too small only changes how petit downloads; it still counts the rows.
        if (tables.length === 1) assert.equal(field, 'result_size');
        else {
          assert.equal(errors.length, 1);
          assert.notEqual(errors[0]?.code, 'internal', errors[0]?.message);
        }
      }
    }
  });

  it('of the clock of this machine do not matter for a date in Retry-After', async (test) => {
    let requests = 0;
    const sent = new Date(Date.now() + 2 * 3_600_000);
    const account = await accountAt(test, (response) => {
      requests += 1;
      if (requests > 1) response.end('{"tables":[]}');
      else response.writeHead(429, { date: sent.toUTCString(), 'retry-after': sent.toUTCString() }).end('{}');
    });
    assert.deepEqual(await listTables(account, 'shop', { retryTimeoutMs: 60_000 }), []);
    assert.equal(requests, 2);
  });

  it('in Retry-After do not extend the wait', async (test) => {
    for (const seconds of ['99999999999999999999', 'Fri, 31 Dec 9999 23:59:59 GMT', '-5', 'soon']) {
      const account = await accountAt(test, (response) =>
        response.writeHead(429, { 'retry-after': seconds }).end('{}'),
      );
      const error = await errorOf(listTables(account, 'shop', quick));
      assert.equal(error.code, 'too_many_requests');
    }
  });
});

describe('large numbers', () => {
  it('of rows and bytes in a listing are exact', async (test) => {
    const counts = ['9007199254740993', '18446744073709551615', '"18446744073709551615"', '7.0'];
    for (const text of counts) {
      const tables = `[{"name":"abc","schema":"[]","count":${text},"estimated_storage_size":${text}}]`;
      const account = await accountAt(test, (response) => void response.end(`{"tables":${tables}}`));
      const [table] = await listTables(account, 'shop', quick);
      const expected = BigInt(text.replace(/"|\.0/g, ''));
      assert.deepEqual([table?.count, table?.estimatedStorageSize], [expected, expected]);
    }
  });
});

describe('a schema of megabytes', () => {
  /** @param {string} schema @returns {Promise<any>} the error of the table */
  async function failure(schema) {
    env.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
    const run = { account: env.account, database: 'shop', tables: ['orders'], outputDir: env.folder };
    const { errors } = await exportTables({ ...run, workers: 0 });
    assert.equal(errors.length, 1);
    return errorOf(Promise.reject(errors[0]));
  }

  it('that is malformed is an error on one line', async () => {
    for (const schema of ['x'.repeat(5 * MEGABYTE), JSON.stringify([['a'.repeat(MEGABYTE), 'row(']])]) {
      assert.equal((await failure(schema)).code, 'bad_schema');
    }
  });

  it('with more columns than any table is an error', async () => {
    const columns = Array.from({ length: 150_000 }, () => ['same', 'bigint']);
    const error = await failure(JSON.stringify(columns));
    assert.equal(error.code, 'bad_schema');
    assert.match(error.message, /150000 columns/);
    const fields = `row(${Array.from({ length: 150_000 }, (_, index) => `f${index} bigint`).join(', ')})`;
    assert.match((await failure(JSON.stringify([['a', fields]]))).message, /150000 columns/);
  });

  it('in a listing does not stop a dry run', async () => {
    const schema = JSON.stringify(
      Array.from({ length: 50_000 }, (_, index) => [`column ${index}`, 'string']),
    );
    const tables = [{ name: 'orders', type: 'log', count: 1, schema }];
    env.fail({ path: '/table/list', action: { type: 'patch', set: { tables } } });
    const { code, stdout, stderr } = await env.td2parquet(['shop', '--dry-run', '--json']);
    assert.equal(code, 0, stderr);
    assert.equal(eventsOf(stdout)[0].tasks.length, 1);
  });
});

describe('text of a server', () => {
  it('does not control the terminal', async () => {
    const evil = '\u001b]0;pwned\u0007\u009b2J\u202e\r\n';
    env.fail({ path: '/job/status', action: { type: 'patch', set: { status: `queued${evil}` } } });
    env.fail({ path: 'visits', action: { type: 'job_fails', message: `failed${evil}again` } });
    const { code, stdout, stderr } = await env.td2parquet(['shop', 'visits', 'orders', '--progress']);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /queued/);
    assert.match(stderr, /failed.*again/);
    for (const text of [stdout, stderr]) assert.doesNotMatch(text, CONTROL_CHARS);
  });
});
