import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { describe, it } from 'node:test';
import { inspect, promisify } from 'node:util';
import { toJson } from '../../pkg-scripts/driver/utils/bigint-json.js';
import { cloneDatabase, exportTables, listTables, PetitError, TreasureData } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { KeyWatch } from '../support/secrets.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { TestContext } from 'node:test' */

const seed = readSeed('clone-shop');
const env = setUpEnv(seed, 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const keys = KeyWatch.of(seed, {});

/** All debug output of Node and its libraries. */
const DEBUG_OUTPUT = { NODE_DEBUG: '*', DEBUG: '*', NODE_OPTIONS: '--trace-warnings --trace-uncaught' };

/**
 * Starts a server for one test.
 * @param {TestContext} test
 * @param {(request: IncomingMessage, response: ServerResponse) => void} respond
 */
async function startServer(test, respond) {
  const server = createServer(respond).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

/**
 * Every text representation of an error and its causes.
 * @param {unknown} error
 */
function allText(error) {
  const parts = [];
  for (let current = /** @type {any} */ (error); current; current = current.cause) {
    parts.push(String(current), String(current.stack), toJson(current), toJson({ ...current }));
  }
  parts.push(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }));
  return parts.join('\n');
}

describe('KeyWatch', () => {
  it('finds a key', () => {
    const [secret = ''] = env.emulator.key('prod').split('/').slice(1);
    assert.equal(keys.size, 8);
    assert.throws(() => keys.assertNoneIn(`x${secret}y`, 'a text'), /an API key is in a text: …x<KEY>y/);
    keys.assertNoneIn(secret.slice(1), 'a text');
  });
});

// `start` checks the output, files and requests of every run in every test.
describe('no key is in the output or the files', () => {
  it('of a clone with reports and debug logs', async () => {
    const args = ['shop', '--new-db', 'secret_copy', '--json', '--report', 'report.json'];
    const { code, stdout, stderr } = await clones.run(args, DEBUG_OUTPUT);
    assert.equal(code, 0, stderr);
    assert.equal(eventsOf(stdout).at(-1).type, 'summary');
    assert.match(stderr, /^[A-Z_/]+ \d+: /m, 'debug logs are on');
    assert.equal(JSON.parse(await readFile(env.path('report.json'), 'utf8')).errors.length, 0);
  });

  it('of an export with debug logs, including its Parquet files', async () => {
    const variables = { TD_API_KEY: env.account.apikey, ...DEBUG_OUTPUT };
    const { code, stderr } = await env.td2parquet(['shop', 'visits', 'orders'], variables);
    assert.equal(code, 0, stderr);
    const file = await readFile(env.path('dataset/shop_orders.parquet'), 'latin1');
    assert.match(file, /td\.job_id/, 'metadata is not compressed');
  });

  for (const [title, length] of /** @type {const} */ ([
    ['8 characters', 8],
    ['15 characters', 15],
    ['the whole key', 40],
  ])) {
    it(`of an export of a column with a part of the key in its name: ${title}`, async () => {
      const [, secret = ''] = env.account.apikey.split('/');
      const name = `x_${secret.slice(0, length)}`;
      env.keyFiles.add(env.path('named.sql'));
      await writeFile(env.path('named.sql'), `SELECT 1 AS a, 2 AS "${name}"`);
      const args = ['shop', '--query-file', 'named.sql', '--output', 'named.parquet'];
      const { code, stderr } = await env.td2parquet(args);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /column 2 has a part of an API key in its name/);
      await assert.rejects(readFile(env.path('named.parquet')), { code: 'ENOENT' });
    });
  }

  it('of refused runs, even if the server echoes the key', async (test) => {
    const bodies = [
      (/** @type {string} */ key) => JSON.stringify({ error: `no such key: ${key}` }),
      (/** @type {string} */ key) => JSON.stringify({ text: `${key}`.replace('/', '\\/') }),
      (/** @type {string} */ key) => `<html><title>401 ${key}</title></html>`,
      (/** @type {string} */ key) => key,
    ];
    for (const body of bodies) {
      for (const status of [200, 401, 500]) {
        const url = await startServer(test, ({ headers: { authorization = '' } }, response) => {
          response.writeHead(status, `No ${authorization}`, { 'X-Echo': authorization });
          response.end(body(authorization));
        });
        const { code, stderr } = await env.start([
          ...['td2parquet', 'shop', '--endpoint', url, '--retry-timeout', '0', '--json'],
        ]).ended;
        assert.ok(code === 1 || code === 2, stderr);
        assert.match(stderr, /^Error: /);
      }
    }
  });

  it('of refused runs, whatever the spelling of the key', async (test) => {
    const [, secret = ''] = env.account.apikey.split('/');
    const spell = (/** @type {(char: string) => string} */ spelling) => [...secret].map(spelling).join('');
    const code = (/** @type {string} */ char) => char.charCodeAt(0).toString(16).padStart(2, '0');
    const spellings = [
      spell((char) => `\\u00${code(char)}`),
      spell((char) => `%${code(char)}`),
      spell((char) => `&#x${code(char)};`),
      spell((char) => `${char}\\n`),
      Buffer.from(secret).toString('base64'),
      secret.slice(7, 15),
    ];
    for (const spelling of spellings) {
      for (const body of [`{"error":"no key ${spelling}."}`, `no key ${spelling}.`]) {
        const url = await startServer(test, (_request, response) => response.writeHead(500).end(body));
        const args = ['td2parquet', 'shop', '--endpoint', url, '--retry-timeout', '0', '--json'];
        const { stdout, stderr } = await env.start(args).ended;
        assert.match(stderr, /no key \[API key\]/);
        assert.match(eventsOf(stdout).at(-1).message, /no key \[API key\]/);
        const decoded = `${stdout}${stderr}`.replaceAll('\\n', '');
        assert.ok(
          ![secret.slice(0, 12), secret.slice(7, 15), spelling].some((part) => decoded.includes(part)),
        );
      }
    }
  });

  it('of an export whose column is named after the key by the server: it is refused', async (test) => {
    const [, secret = ''] = env.account.apikey.split('/');
    const { url } = clones.source;
    const front = await startServer(test, async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { authorization = '', range, 'content-type': type = 'text/plain' } = request.headers;
      const { method } = request;
      const body = method === 'GET' ? undefined : Buffer.concat(chunks);
      const headers = { authorization, 'content-type': type, ...(range && { range }) };
      const reply = await fetch(`${url}${request.url}`, { method, headers, body });
      const text = Buffer.from(await reply.arrayBuffer());
      const isJob = request.url?.startsWith('/v3/job/show');
      const named = isJob ? text.toString().replaceAll('note', secret) : text;
      response.writeHead(reply.status).end(named);
    });
    const { code, stderr } = await env.start(['td2parquet', 'shop', 'orders', '--endpoint', front]).ended;
    assert.equal(code, 3, stderr);
    assert.match(stderr, /column \d+ has a part of an API key in its name/);
  });

  it('of a job whose error message contains it', async () => {
    const message = `not allowed: ${env.account.apikey}`;
    env.fail({ path: 'orders', action: { type: 'job_fails', message } });
    const { code, stderr } = await env.td2parquet(['shop', 'orders', '--json']);
    assert.equal(code, 3);
    assert.match(stderr, /not allowed: \[API key\]/);
  });
});

describe('no key is in what the library throws', () => {
  /**
   * @param {Promise<unknown>} run
   * @returns {Promise<any>} the error of the run, which contains no key
   */
  async function errorOf(run) {
    const error = await run.then(
      () => assert.fail('the run succeeded'),
      (error) => error,
    );
    keys.assertNoneIn(allText(error), 'an error');
    return error;
  }
  const quick = { workers: 0, retryTimeoutMs: 0 };

  it('if the server refuses, disconnects, or sends unexpected data', async (test) => {
    /** @type {Record<string, (request: IncomingMessage, response: ServerResponse) => void>} */
    const servers = {
      source_refused: ({ headers }, response) => response.writeHead(401).end(headers.authorization),
      network: (request) => void request.socket.resetAndDestroy(),
      unexpected_reply: ({ headers }, response) => void response.end(headers.authorization),
      server_error: ({ headers }, response) => response.writeHead(503).end(headers.authorization),
    };
    for (const [code, respond] of Object.entries(servers)) {
      const account = { endpoint: await startServer(test, respond), apikey: env.account.apikey };
      const error = await errorOf(exportTables({ account, database: 'shop', ...quick }));
      assert.ok(error instanceof PetitError);
      assert.equal(error.code, code);
    }
  });

  it('if the account is invalid', async () => {
    const { apikey } = env.account;
    /** @type {[endpoint: string, apikey: string, code: string][]} */
    const accounts = [
      [`https://user:${apikey}@td.example`, apikey, 'bad_endpoint'],
      [`https://td.example/${apikey}/..`, apikey, 'bad_endpoint'],
      ['https://td.example', `${apikey} x`, 'bad_key'],
      ['https://td.example', `"${apikey}"`, 'bad_key'],
    ];
    for (const [endpoint, key, code] of accounts) {
      const error = await exportTables({
        account: { endpoint, apikey: key },
        database: 'shop',
        ...quick,
      }).catch((/** @type {any} */ error) => error);
      assert.equal(error.code, code);
      // The message shows the endpoint without its password. A key in the path is the caller's mistake and is shown.
      if (!endpoint.includes('/..')) keys.assertNoneIn(allText(error), 'an error');
    }
  });

  it('nor in its events, summaries, plans and account objects', async () => {
    /** @type {unknown[]} */
    const events = [];
    const account = new TreasureData(env.account);
    const destination = { endpoint: clones.destination.url, apikey: clones.destination.key };
    const onEvent = (/** @type {unknown} */ event) => void events.push(event);
    const outputDir = env.folder;
    const results = [
      account,
      await exportTables({ account, database: 'shop', tables: ['orders'], outputDir, workers: 0, onEvent }),
      await cloneDatabase({
        source: account,
        destination,
        database: 'shop',
        newDatabase: 'reported',
        onEvent,
      }),
      await account.check(),
      await account.tables('shop'),
      events,
    ];
    for (const result of results) keys.assertNoneIn(allText(result), 'a result of the library');
  });
});

describe('a key is sent only to its endpoint', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`not with a ${status} to another origin, which the error names`, async (test) => {
      /** @type {unknown[]} */
      const seen = [];
      const elsewhere = await startServer(test, (request, response) => {
        seen.push(request.url);
        response.end('{"databases":[],"tables":[],"bulk_imports":[]}');
      });
      const endpoint = await startServer(test, (request, response) => {
        assert.ok(request.headers.authorization, 'the endpoint itself gets the key');
        // A server may put the key where petit would show it.
        const [, secret = ''] = env.account.apikey.split('/');
        response.writeHead(status, { location: `${elsewhere}/login/${secret}?key=${secret}` }).end();
      });
      const variables = { SOURCE_API_KEY: clones.source.key, DEST_API_KEY: clones.destination.key };
      for (const [args, environment] of /** @type {const} */ ([
        [['td2parquet', 'shop', '--endpoint', endpoint], undefined],
        [['clone-db', 'shop', '--se', endpoint, '--de', endpoint], variables],
      ])) {
        const { code, stderr } = await env.start([...args], environment).ended;
        assert.equal(code, 2, stderr);
        assert.ok(stderr.includes(`the endpoint redirects to ${elsewhere}/login[API key], which`), stderr);
        assert.doesNotMatch(stderr, /does not exist|Authentication failed/);
      }
      assert.deepEqual(seen, []);
    });
  }

  it('and follows a redirect at its own origin, but not for ever', async (test) => {
    let requests = 0;
    const endpoint = await startServer(test, ({ url = '', headers }, response) => {
      requests += 1;
      assert.ok(headers.authorization);
      if (url.startsWith('/v4')) response.end('{"tables":[]}');
      else response.writeHead(302, { location: url.includes('loop') ? url : `/v4${url}` }).end();
    });
    const account = { endpoint, apikey: env.account.apikey };
    assert.deepEqual(await listTables(account, 'shop'), []);
    requests = 0;
    await assert.rejects(listTables(account, 'loop'), {
      code: 'redirected',
      message: /after too many redirects/,
    });
    assert.equal(requests, 6);
  });

  it('not to another origin that has the result', async (test) => {
    /** @type {string[]} */
    const seen = [];
    const { url } = clones.source;
    const elsewhere = await startServer(test, async (request, response) => {
      seen.push(JSON.stringify([request.url, request.rawHeaders]));
      const { range } = request.headers;
      const headers = { Authorization: `TD1 ${clones.source.key}`, ...(range && { range }) };
      const reply = await fetch(`${url}${request.url}`, { headers });
      const passedOn = ['content-range', 'content-length', 'etag'].flatMap((name) => {
        const value = reply.headers.get(name);
        return value === null ? [] : [[name, value]];
      });
      response.writeHead(reply.status, Object.fromEntries(passedOn));
      response.end(Buffer.from(await reply.arrayBuffer()));
    });
    const front = await startServer(test, async (request, response) => {
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
      const reply = await fetch(`${url}${request.url}`, { method, headers, body });
      response.writeHead(reply.status).end(await reply.text());
    });
    const { code, stderr } = await env.start(['td2parquet', 'shop', 'orders', '--endpoint', front]).ended;
    assert.equal(code, 0, stderr);
    assert.ok(seen.length > 0);
    for (const request of seen) {
      keys.assertNoneIn(request, 'a request to another origin');
      assert.doesNotMatch(request, /authorization|TD1/i);
    }
  });

  it('not over a redirect from https to http', async (test) => {
    const folder = env.path('tls');
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
    const plain = await startServer(test, (_request, response) => void response.end('{"tables":[]}'));
    const server = createSecureServer({ key, cert }, (request, response) =>
      response.writeHead(302, { location: `${plain}${request.url}` }).end(),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    test.after(() => server.close());
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const variables = { TD_API_KEY: env.account.apikey, NODE_EXTRA_CA_CERTS: `${folder}/cert.pem` };
    const { code, stderr } = await env.td2parquet(
      ['shop', '--endpoint', `https://127.0.0.1:${port}`],
      variables,
    );
    assert.equal(code, 2, stderr);
    assert.match(stderr, /list the tables of "shop": the endpoint redirects to http:\/\/127/);
  });

  describe('over plain http', () => {
    const REMOTE = 'http://td.invalid';
    const message =
      /endpoint "http:\/\/td\.invalid": the API key would be sent over plain HTTP.*\n.*HTTPS.*--allow-http/;

    it('only to this machine: other hosts are an error that names --allow-http', async () => {
      const { code, stderr, stdout } = await env.td2parquet(['shop', '--endpoint', REMOTE, '--json']);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(eventsOf(stdout).at(-1).code, 'insecure_endpoint');
      for (const side of ['--se', '--de']) {
        const { code, stderr } = await clones.run(['shop', side, REMOTE]);
        assert.equal(code, 2);
        assert.match(stderr, message);
      }
      assert.deepEqual(env.requests(), []);
    });

    it('to other hosts with --allow-http', async () => {
      const options = ['--allow-http', '--retry-timeout', '0'];
      const { code, stderr } = await env.td2parquet(['shop', '--endpoint', REMOTE, ...options]);
      assert.equal(code, 1);
      assert.match(stderr, /list the tables of "shop": unknown host/);
      const { stderr: cloneError } = await clones.run(['shop', '--se', REMOTE, ...options]);
      assert.match(cloneError, /unknown host/);
    });

    it('in the library by the same rules', async () => {
      const account = { endpoint: REMOTE, apikey: env.account.apikey };
      const run = { database: 'shop', retryTimeoutMs: 0 };
      await assert.rejects(exportTables({ account, ...run }), { code: 'insecure_endpoint' });
      await assert.rejects(new TreasureData(account).check(), { code: 'insecure_endpoint' });
      const allowed = new TreasureData({ ...account, allowHttp: true });
      await assert.rejects(exportTables({ account: allowed, ...run }), { code: 'network' });
      const relay = { url: REMOTE, token: 't', page: 'p', key: 'k' };
      const relayed = { endpoint: 'aws', apikey: account.apikey, relay };
      await assert.rejects(exportTables({ account: relayed, ...run }), { code: 'insecure_endpoint' });
    });
  });
});
