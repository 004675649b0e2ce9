import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { describe, it } from 'node:test';
import { inspect, promisify } from 'node:util';
import { toJson } from '../../pkg-scripts/driver/utils/bigint-json.js';
import { cloneDatabase, exportTables, PetitError, TreasureData } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { eventsOf, readSeed, surroundings } from '../support/index.js';
import { KeyWatch } from '../support/secrets.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { TestContext } from 'node:test' */

const seed = readSeed('clone-shop');
const here = surroundings(seed, 'prod');
const clones = new Clones(here, 'prod', 'mirror');
const keys = KeyWatch.of(seed, {});

/** Everything that Node and its libraries tell on request. */
const TALKATIVE = { NODE_DEBUG: '*', DEBUG: '*', NODE_OPTIONS: '--trace-warnings --trace-uncaught' };

/**
 * A server of the test's own.
 * @param {TestContext} test
 * @param {(request: IncomingMessage, response: ServerResponse) => void} answer
 */
async function serverOf(test, answer) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

/**
 * All that can be got out of an error.
 * @param {unknown} error
 */
function everythingOf(error) {
  const parts = [];
  for (let one = /** @type {any} */ (error); one; one = one.cause) {
    parts.push(String(one), String(one.stack), toJson(one), toJson({ ...one }));
  }
  parts.push(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }));
  return parts.join('\n');
}

describe('the watch over keys', () => {
  it('finds what it looks for', () => {
    const [secret = ''] = here.emulator.key('prod').split('/').slice(1);
    assert.equal(keys.size, 8);
    assert.throws(() => keys.assertNoneIn(`x${secret}y`, 'a text'), /an API key is in a text: …x<KEY>y/);
    keys.assertNoneIn(secret.slice(1), 'a text');
  });
});

// What each run shows, writes and asks for is looked at by `start` itself, for every test of every file.
describe('no key is in anything that a run shows or writes', () => {
  it('of a clone with reports and debug logs', async () => {
    const args = ['shop', '--new-db', 'secret_copy', '--json', '--report', 'report.json'];
    const { code, stdout, stderr } = await clones.run(args, TALKATIVE);
    assert.equal(code, 0, stderr);
    assert.equal(eventsOf(stdout).at(-1).type, 'summary');
    assert.match(stderr, /^[A-Z_/]+ \d+: /m, 'there are debug logs');
    assert.equal(JSON.parse(await readFile(here.path('report.json'), 'utf8')).errors.length, 0);
  });

  it('of an export with debug logs, its Parquet files included', async () => {
    const env = { TD_API_KEY: here.account.apikey, ...TALKATIVE };
    const { code, stderr } = await here.td2parquet(['shop', 'visits', 'orders'], env);
    assert.equal(code, 0, stderr);
    const file = await readFile(here.path('dataset/shop_orders.parquet'), 'latin1');
    assert.match(file, /td\.job_id/, 'metadata can be read as it is');
  });

  it('of runs that are refused, whatever the server says back', async (test) => {
    const bodies = [
      (/** @type {string} */ key) => JSON.stringify({ error: `no such key: ${key}` }),
      (/** @type {string} */ key) => JSON.stringify({ text: `${key}`.replace('/', '\\/') }),
      (/** @type {string} */ key) => `<html><title>401 ${key}</title></html>`,
      (/** @type {string} */ key) => key,
    ];
    for (const body of bodies) {
      for (const status of [200, 401, 500]) {
        const url = await serverOf(test, ({ headers: { authorization = '' } }, response) => {
          response.writeHead(status, `No ${authorization}`, { 'X-Echo': authorization });
          response.end(body(authorization));
        });
        const { code, stderr } = await here.start([
          ...['td2parquet', 'shop', '--endpoint', url, '--retry-timeout', '0', '--json'],
        ]).ended;
        assert.ok(code === 1 || code === 2, stderr);
        assert.match(stderr, /^Error: /);
      }
    }
  });

  it('of a job that fails with it', async () => {
    const message = `not allowed: ${here.account.apikey}`;
    here.fail({ path: 'orders', action: { type: 'job_fails', message } });
    const { code, stderr } = await here.td2parquet(['shop', 'orders', '--json']);
    assert.equal(code, 3);
    assert.match(stderr, /not allowed: \[API key\]/);
  });
});

describe('no key is in what the library throws', () => {
  /**
   * @param {Promise<unknown>} run
   * @returns {Promise<any>} what it threw, and all that can be got out of it
   */
  async function thrown(run) {
    const error = await run.then(
      () => assert.fail('it should have failed'),
      (error) => error,
    );
    keys.assertNoneIn(everythingOf(error), 'an error');
    return error;
  }
  const quick = { workers: 0, retryTimeoutMs: 0 };

  it('when the server refuses, goes away, or sends something else', async (test) => {
    /** @type {Record<string, (request: IncomingMessage, response: ServerResponse) => void>} */
    const servers = {
      source_refused: ({ headers }, response) => response.writeHead(401).end(headers.authorization),
      network: (request) => void request.socket.resetAndDestroy(),
      unexpected_reply: ({ headers }, response) => void response.end(headers.authorization),
      server_error: ({ headers }, response) => response.writeHead(503).end(headers.authorization),
    };
    for (const [code, answer] of Object.entries(servers)) {
      const account = { endpoint: await serverOf(test, answer), apikey: here.account.apikey };
      const error = await thrown(exportTables({ account, database: 'shop', ...quick }));
      assert.ok(error instanceof PetitError);
      assert.equal(error.code, code);
    }
  });

  it('when the account cannot be used at all', async () => {
    const { apikey } = here.account;
    /** @type {[endpoint: string, apikey: string, code: string][]} */
    const accounts = [
      [`https://user:${apikey}@td.example`, apikey, 'bad_endpoint'],
      [`https://td.example/${apikey}/..`, apikey, 'bad_endpoint'],
      ['https://td.example', `${apikey} x`, 'missing_key'],
    ];
    for (const [endpoint, key, code] of accounts) {
      const error = await exportTables({
        account: { endpoint, apikey: key },
        database: 'shop',
        ...quick,
      }).catch((/** @type {any} */ error) => error);
      assert.equal(error.code, code);
      // An endpoint is shown as it was given, but for what may be a password; a key in its path is the caller's own doing.
      if (!endpoint.includes('/..')) keys.assertNoneIn(everythingOf(error), 'an error');
    }
  });

  it('nor in events, summaries, plans and the account itself', async () => {
    /** @type {unknown[]} */
    const events = [];
    const account = new TreasureData(here.account);
    const destination = { endpoint: clones.destination.url, apikey: clones.destination.key };
    const onEvent = (/** @type {unknown} */ event) => void events.push(event);
    const outputDir = here.folder;
    const told = [
      account,
      await exportTables({ account, database: 'shop', tables: ['orders'], outputDir, workers: 0, onEvent }),
      await cloneDatabase({ source: account, destination, database: 'shop', newDatabase: 'told', onEvent }),
      await account.check(),
      await account.tables('shop'),
      events,
    ];
    for (const one of told) keys.assertNoneIn(everythingOf(one), 'what the library tells');
  });
});

describe('a key goes to the endpoint it was given for, and nowhere else', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`not with a ${status} to another origin`, async (test) => {
      /** @type {string[]} */
      const seen = [];
      let redirected = 0;
      const elsewhere = await serverOf(test, (request, response) => {
        let body = '';
        request.setEncoding('latin1').on('data', (text) => {
          body += text;
        });
        request.on('end', () => {
          seen.push(JSON.stringify([request.url, request.rawHeaders, body]));
          response.end('{"databases":[],"tables":[],"bulk_imports":[]}');
        });
      });
      const endpoint = await serverOf(test, (request, response) => {
        assert.ok(request.headers.authorization, 'the endpoint itself gets the key');
        redirected += 1;
        response.writeHead(status, { location: `${elsewhere}${request.url}` }).end();
      });
      const env = { SOURCE_API_KEY: clones.source.key, DEST_API_KEY: clones.destination.key };
      const quick = ['--retry-timeout', '0'];
      await here.start(['td2parquet', 'shop', '--endpoint', endpoint, ...quick]).ended;
      await here.start(['td2parquet', 'shop', '--job-id', '7', '--endpoint', endpoint, ...quick]).ended;
      await here.start(['clone-db', 'shop', '--se', endpoint, '--de', endpoint, ...quick], env).ended;
      assert.ok(redirected >= 3 && seen.length >= 2, `${redirected} redirects, ${seen.length} followed`);
      for (const request of seen) {
        keys.assertNoneIn(request, 'a request to another origin');
        assert.doesNotMatch(request, /authorization|cookie|TD1/i);
      }
    });
  }

  it('not with a result that is elsewhere, which is fetched without it', async (test) => {
    /** @type {string[]} */
    const seen = [];
    const { url } = clones.source;
    const elsewhere = await serverOf(test, async (request, response) => {
      seen.push(JSON.stringify([request.url, request.rawHeaders]));
      const { range } = request.headers;
      const headers = { Authorization: `TD1 ${clones.source.key}`, ...(range && { range }) };
      const answer = await fetch(`${url}${request.url}`, { headers });
      const told = ['content-range', 'content-length', 'etag'].flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value]];
      });
      response.writeHead(answer.status, Object.fromEntries(told));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    const front = await serverOf(test, async (request, response) => {
      if (request.url?.startsWith('/v3/job/result/')) {
        response.writeHead(302, { location: `${elsewhere}${request.url}` }).end();
        return;
      }
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { authorization = '', 'content-type': type = 'text/plain' } = request.headers;
      const { method } = request;
      const body = method === 'GET' ? undefined : Buffer.concat(chunks);
      const headers = { authorization, 'content-type': type };
      const answer = await fetch(`${url}${request.url}`, { method, headers, body });
      response.writeHead(answer.status).end(await answer.text());
    });
    const { code, stderr } = await here.start(['td2parquet', 'shop', 'orders', '--endpoint', front]).ended;
    assert.equal(code, 0, stderr);
    assert.ok(seen.length > 0);
    for (const request of seen) {
      keys.assertNoneIn(request, 'a request to another origin');
      assert.doesNotMatch(request, /authorization|TD1/i);
    }
  });

  it('and from https no redirect is followed to plain http', async (test) => {
    const folder = here.path('tls');
    await mkdir(folder);
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`];
    await promisify(execFile)('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      ...subject,
      ...files,
    ]);
    const [key, cert] = await Promise.all(['key', 'cert'].map((name) => readFile(`${folder}/${name}.pem`)));
    const plain = await serverOf(test, (_request, response) => void response.end('{"tables":[]}'));
    const server = createSecureServer({ key, cert }, (request, response) =>
      response.writeHead(302, { location: `${plain}${request.url}` }).end(),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    test.after(() => server.close());
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const env = { TD_API_KEY: here.account.apikey, NODE_EXTRA_CA_CERTS: `${folder}/cert.pem` };
    const { code, stderr } = await here.td2parquet(['shop', '--endpoint', `https://127.0.0.1:${port}`], env);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /list the tables of "shop": unexpected answer: a redirect from https to plain http/);
  });

  describe('over plain http', () => {
    const AFAR = 'http://td.invalid';
    const message =
      /endpoint "http:\/\/td\.invalid": the API key would be sent over plain HTTP.*\n.*HTTPS.*--allow-http/;

    it('only to this computer: anything else is refused, with the way to allow it', async () => {
      const { code, stderr, stdout } = await here.td2parquet(['shop', '--endpoint', AFAR, '--json']);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(eventsOf(stdout).at(-1).code, 'insecure_endpoint');
      for (const side of ['--se', '--de']) {
        const { code, stderr } = await clones.run(['shop', side, AFAR]);
        assert.equal(code, 2);
        assert.match(stderr, message);
      }
      assert.deepEqual(here.requests(), []);
    });

    it('elsewhere when it is allowed', async () => {
      const options = ['--allow-http', '--retry-timeout', '0'];
      const { code, stderr } = await here.td2parquet(['shop', '--endpoint', AFAR, ...options]);
      assert.equal(code, 1);
      assert.match(stderr, /list the tables of "shop": no such host/);
      const { stderr: cloneError } = await clones.run(['shop', '--se', AFAR, ...options]);
      assert.match(cloneError, /no such host/);
    });

    it('in the library likewise', async () => {
      const account = { endpoint: AFAR, apikey: here.account.apikey };
      const run = { database: 'shop', retryTimeoutMs: 0 };
      await assert.rejects(exportTables({ account, ...run }), { code: 'insecure_endpoint' });
      await assert.rejects(new TreasureData(account).check(), { code: 'insecure_endpoint' });
      const allowed = new TreasureData({ ...account, allowHttp: true });
      await assert.rejects(exportTables({ account: allowed, ...run }), { code: 'network' });
      const relayed = { endpoint: 'aws', apikey: account.apikey, relay: { url: AFAR, token: 't' } };
      await assert.rejects(exportTables({ account: relayed, ...run }), { code: 'insecure_endpoint' });
    });
  });
});
