import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { exportTables, listTables } from '../../pkg-scripts/node.js';
import { STEERING } from '../support/hostile-names.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

/** Servers that send without end, lie about numbers, or nest without end: petit ends, with an error that says so. */

/** @import { ServerResponse } from 'node:http' */
/** @import { TestContext } from 'node:test' */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const MEGABYTE = 2 ** 20;

/**
 * An account at a server of the test's own.
 * @param {TestContext} test
 * @param {(response: ServerResponse) => void} answer
 */
async function accountAt(test, answer) {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { endpoint: `http://127.0.0.1:${port}`, apikey: env.account.apikey };
}

/**
 * Sends a text again and again, until nobody takes it any more.
 * @param {ServerResponse} response
 * @param {string} start
 * @param {string} again
 */
function endless(response, start, again) {
  const bytes = Buffer.alloc(MEGABYTE, again);
  const send = () => {
    while (!response.destroyed && response.write(bytes));
  };
  response.write(start);
  response.on('drain', send);
  send();
}

/**
 * @param {Promise<unknown>} work
 * @returns {Promise<any>} what it threw: short, on one line, and nothing that steers a terminal
 */
async function refused(work) {
  const error = /** @type {any} */ (
    await work.then(
      () => assert.fail('it should have failed'),
      (thrown) => thrown,
    )
  );
  assert.ok(error.message.length < 7000, `${error.message.length} characters`);
  assert.doesNotMatch(error.message, STEERING);
  assert.ok(!error.message.includes('\n'));
  return error;
}

const quick = { retryTimeoutMs: 0 };

describe('answers that do not end', () => {
  it('are given up: a listing', async (test) => {
    const account = await accountAt(test, (response) => endless(response, '{"tables":[{"name":"', 'x'));
    const before = process.memoryUsage.rss();
    const error = await refused(listTables(account, 'shop', quick));
    assert.equal(error.code, 'unexpected_reply');
    assert.match(error.message, /more than 134217728 bytes/);
    const grown = process.memoryUsage.rss() - before;
    assert.ok(grown < 700 * MEGABYTE, `${grown} bytes of memory`);
  });

  it('are cut: a refusal', async (test) => {
    for (const start of ['', '<html><title>', '{"error":"']) {
      const account = await accountAt(test, (response) => {
        response.writeHead(403);
        endless(response, start, 'x\u001b[2J');
      });
      assert.equal((await refused(listTables(account, 'shop', quick))).code, 'source_refused');
    }
  });

  it('are given up, and not asked for again: headers', async (test) => {
    let asked = 0;
    const account = await accountAt(test, (response) => {
      asked += 1;
      const headers = Array.from({ length: 2000 }, (_, index) => [`x-${index}`, 'y'.repeat(100)]);
      response.writeHead(200, Object.fromEntries(headers)).end('{}');
    });
    const error = await refused(listTables(account, 'shop', { retryTimeoutMs: 60_000 }));
    assert.equal(error.code, 'network');
    assert.match(error.message, /headers are too large/);
    assert.equal(asked, 1);
  });

  it('are given up: a range that goes on behind its end', async (test) => {
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
      endless(response, '', '\u0000');
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

describe('answers that nest without end', () => {
  it('are refused', async (test) => {
    for (const text of ['['.repeat(MEGABYTE), `{"tables":${'[{"a":'.repeat(100_000)}`]) {
      const account = await accountAt(test, (response) => void response.end(text));
      const error = await refused(listTables(account, 'shop', quick));
      assert.equal(error.code, 'unexpected_reply');
    }
    const schema = JSON.stringify([['a', `${'array('.repeat(100_000)}bigint${')'.repeat(100_000)}`]]);
    env.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
    const run = { account: env.account, database: 'shop', tables: ['orders'], outputDir: env.folder };
    const { errors } = await exportTables({ ...run, workers: 0 });
    assert.match(errors[0]?.message ?? '', /more than 28 levels/);
  });
});

describe('numbers that lie', () => {
  const lies = [2 ** 60, 1e300, '18446744073709551615', -1, 1.5, 'many', {}, true];

  it('in a listing are no rows, or an error', async (test) => {
    for (const lie of lies) {
      const tables = [
        { name: 'abc', count: lie, estimated_storage_size: lie, schema: '[]', expire_days: lie },
      ];
      const account = await accountAt(test, (response) => void response.end(JSON.stringify({ tables })));
      const [outcome] = await Promise.allSettled([listTables(account, 'shop', quick)]);
      if (outcome.status === 'fulfilled') assert.equal(outcome.value[0]?.count ?? 0, 0);
      else assert.equal(outcome.reason.code, 'unexpected_reply', `${outcome.reason}`);
    }
  });

  it('about a job fail its table, and nothing is written', async () => {
    for (const field of ['num_records', 'result_size']) {
      for (const lie of [2 ** 60, 2 ** 52, 1e300, 'many', 3]) {
        env.emulator.faults.clear();
        env.fail({ path: '/job/show', times: -1, action: { type: 'patch', set: { [field]: lie } } });
        const run = { account: env.account, database: 'shop', tables: ['orders'], outputDir: env.folder };
        const { errors, tables } = await exportTables({ ...run, workers: 0, ...quick, overwrite: true });
        // A size that is too small only means another way of fetching: the rows are counted all the same.
        if (tables.length === 1) assert.equal(field, 'result_size');
        else {
          assert.equal(errors.length, 1);
          assert.notEqual(errors[0]?.code, 'internal', errors[0]?.message);
        }
      }
    }
  });

  it('of seconds to wait end the wait, not the number', async (test) => {
    for (const seconds of ['99999999999999999999', 'Fri, 31 Dec 9999 23:59:59 GMT', '-5', 'soon']) {
      const account = await accountAt(test, (response) =>
        response.writeHead(429, { 'retry-after': seconds }).end('{}'),
      );
      const error = await refused(listTables(account, 'shop', quick));
      assert.equal(error.code, 'too_many_requests');
    }
  });
});

describe('numbers that are large', () => {
  it('in a listing are what the server wrote, where it counts rows and bytes', async (test) => {
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

describe('schemas of megabytes', () => {
  /** @param {string} schema @returns {Promise<any>} the error of the table */
  async function failure(schema) {
    env.fail({ path: '/job/show', action: { type: 'patch', set: { hive_result_schema: schema } } });
    const run = { account: env.account, database: 'shop', tables: ['orders'], outputDir: env.folder };
    const { errors } = await exportTables({ ...run, workers: 0 });
    assert.equal(errors.length, 1);
    return refused(Promise.reject(errors[0]));
  }

  it('that are none are an error of a line', async () => {
    for (const schema of ['x'.repeat(5 * MEGABYTE), JSON.stringify([['a'.repeat(MEGABYTE), 'row(']])]) {
      assert.equal((await failure(schema)).code, 'bad_schema');
    }
  });

  it('of more columns than any table has are refused', async () => {
    const columns = Array.from({ length: 150_000 }, () => ['same', 'bigint']);
    const error = await failure(JSON.stringify(columns));
    assert.equal(error.code, 'bad_schema');
    assert.match(error.message, /150000 columns/);
    const fields = `row(${Array.from({ length: 150_000 }, (_, index) => `f${index} bigint`).join(', ')})`;
    assert.match((await failure(JSON.stringify([['a', fields]]))).message, /150000 columns/);
  });

  it('in a listing keep a dry run alive', async () => {
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

describe('what a server says', () => {
  it('does not steer the terminal', async () => {
    const evil = '\u001b]0;pwned\u0007\u009b2J\u202e\r\n';
    env.fail({ path: '/job/status', action: { type: 'patch', set: { status: `queued${evil}` } } });
    env.fail({ path: 'visits', action: { type: 'job_fails', message: `failed${evil}again` } });
    const { code, stdout, stderr } = await env.td2parquet(['shop', 'visits', 'orders', '--progress']);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /queued/);
    assert.match(stderr, /failed.*again/);
    for (const text of [stdout, stderr]) assert.doesNotMatch(text, STEERING);
  });
});
