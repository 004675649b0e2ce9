import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { readSeed, setUpEnv } from '../support/index.js';
import { enter, startServe } from '../support/serve.js';

/**
 * `petit serve` as other pages, other programs and the page itself meet it: raw HTTP, so that every header can be wrong.
 *
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('node:http').ServerResponse} ServerResponse
 * @typedef {{ status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer }} Answer
 */

const here = setUpEnv(readSeed('edges'), 'acme');

/** An upstream that does what a test says.
 * @type {(request: IncomingMessage, response: ServerResponse) => void} */
let upstreamDoes = () => {};
const upstream = createServer((request, response) => upstreamDoes(request, response));

describe('petit serve', () => {
  /** @type {Awaited<ReturnType<typeof startServe>>} */
  let serve;
  /** @type {Awaited<ReturnType<typeof enter>>} */
  let page;
  let upstreamHost = '';
  before(async () => {
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    upstreamHost = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (upstream.address()).port}`;
    const { endpoint } = here.account;
    serve = await startServe(here, ['--endpoint', endpoint, '--endpoint', `http://${upstreamHost}/td`]);
    page = await enter(serve.url);
  });
  after(async () => {
    await serve?.stop();
    upstream.closeAllConnections();
    upstream.close();
  });

  /** What the page itself sends. */
  const own = () => ({
    origin: serve.origin,
    cookie: page.cookie,
    'x-petit-token': page.token,
    'sec-fetch-site': 'same-origin',
  });

  /**
   * @param {string} path
   * @param {{ method?: string, headers?: Record<string, string> }} [options]
   */
  function open(path, { method = 'GET', headers = own() } = {}) {
    return send(`${serve.origin}${path}`, { method, headers: /** @type {any} */ (headers) });
  }

  /**
   * @param {string} path
   * @param {{ method?: string, headers?: Record<string, string>, body?: string }} [options]
   * @returns {Promise<Answer>}
   */
  async function call(path, options) {
    const request = open(path, options);
    request.end(options?.body);
    const [response] = await once(request, 'response');
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
  }

  const relayed = (path = '/td/v3/x') => `/relay/http/${upstreamHost}${path}`;
  const untouched = () => {
    upstreamDoes = (request) => assert.fail(`a call reached the upstream: ${request.url}`);
  };

  describe('refuses', () => {
    before(untouched);

    for (const [
      what,
      wrong,
      status,
    ] of /** @type {[string, Record<string, string | undefined>, number][]} */ ([
      ['another Host: DNS rebinding', { host: 'evil.example' }, 421],
      ['the same address by another name', { host: 'localhost:1' }, 421],
      ['another Origin: another page of this browser', { origin: 'https://evil.example' }, 403],
      ['an opaque Origin: a sandboxed frame, a file', { origin: 'null' }, 403],
      ['a request of another site', { 'sec-fetch-site': 'cross-site' }, 403],
      ['an address typed in, a link', { 'sec-fetch-site': 'none' }, 403],
      ['no token', { 'x-petit-token': undefined }, 403],
      ['a wrong token', { 'x-petit-token': 'x'.repeat(43) }, 403],
      ['no cookie: another user of this computer', { cookie: undefined }, 403],
      ['a wrong cookie', { cookie: 'petit=x' }, 403],
    ])) {
      it(what, async () => {
        const headers = Object.fromEntries(
          Object.entries({ ...own(), ...wrong }).filter(([, value]) => value !== undefined),
        );
        for (const method of ['GET', 'POST']) {
          const { status: got, body } = await call(relayed(), {
            method,
            headers: /** @type {any} */ (headers),
          });
          assert.equal(got, status, String(body));
        }
      });
    }

    it('a POST without an Origin', async () => {
      const { origin, ...headers } = own();
      assert.equal((await call(relayed(), { method: 'POST', headers })).status, 403);
    });

    it('every request for the page under another Host', async () => {
      for (const path of ['/', page.pagePath, new URL(serve.url).pathname]) {
        const { status, body } = await call(path, { headers: { ...own(), host: 'evil.example' } });
        assert.equal(status, 421);
        assert.ok(!body.includes(page.page));
      }
    });

    for (const [what = '', path = ''] of [
      ['an unknown host', '/relay/https/evil.example/v3/x'],
      ['a known host without TLS', '/relay/http/api.treasuredata.com/v3/x'],
      ['a known host at another port', '/relay/https/api.treasuredata.com:8443/v3/x'],
      ['a host that begins like a known one', '/relay/https/api.treasuredata.com.evil.example/v3/x'],
      ['a known host before an @', '/relay/https/api.treasuredata.com@evil.example/v3/x'],
      ['an address within this computer', '/relay/http/127.0.0.1:1/'],
      ['no host', '/relay/https/'],
      ['another scheme', '/relay/file/etc/passwd'],
      ['no address at all', '/relay/'],
    ]) {
      it(`to call ${what}`, async () => {
        const { status, body } = await call(path);
        assert.ok(status === 403 || status === 400, `${status} ${body}`);
      });
    }

    it('to leave the folder of a named endpoint', async () => {
      for (const path of ['/other', '/td/../other', '/td/%2e%2e/other', '/tdx/other']) {
        assert.equal((await call(relayed(path))).status, 403, path);
      }
    });

    it('a preflight of another page, and all methods that no call has', async () => {
      for (const method of ['OPTIONS', 'DELETE', 'PATCH', 'HEAD', 'TRACE']) {
        const headers = { ...own(), 'access-control-request-method': 'GET' };
        const { status, headers: answered } = await call(relayed(), { method, headers });
        assert.equal(status, 405, method);
        assert.ok(!Object.keys(answered).some((name) => name.startsWith('access-control-')), method);
      }
      const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
      assert.equal((await call(relayed(), { method: 'OPTIONS', headers: preflight })).status, 403);
    });
  });

  it('passes a call on with what belongs to it, and nothing of the browser', async () => {
    /** @type {any} */
    let seen;
    upstreamDoes = (request, response) => {
      seen = request;
      response.writeHead(206, {
        'content-type': 'application/octet-stream',
        'content-range': 'bytes 2-3/10',
        'retry-after': '7',
        etag: '"v1"',
        'set-cookie': 'a=b',
        'access-control-allow-origin': '*',
        'clear-site-data': '"*"',
      });
      response.end('23');
    };
    const headers = {
      ...own(),
      authorization: 'TD1 1/abc',
      range: 'bytes=2-3',
      'if-range': '"v1"',
      'user-agent': 'a browser',
      cookie: `c=d; ${page.cookie}`,
      referer: serve.origin,
    };
    const { status, headers: answered, body } = await call(relayed('/td/v3/a%2Fb?c=d%20e'), { headers });
    assert.equal(seen.url, '/td/v3/a%2Fb?c=d%20e');
    const { host, connection, ...sent } = seen.headers;
    assert.deepEqual(sent, {
      authorization: 'TD1 1/abc',
      range: 'bytes=2-3',
      'if-range': '"v1"',
      'user-agent': 'a browser',
    });
    assert.equal(host, upstreamHost);
    assert.deepEqual([status, String(body)], [206, '23']);
    const { 'content-range': range, etag, 'retry-after': wait } = answered;
    assert.deepEqual([range, etag, wait], ['bytes 2-3/10', '"v1"', '7']);
    for (const name of ['set-cookie', 'access-control-allow-origin', 'clear-site-data']) {
      assert.equal(answered[name], undefined, name);
    }
    assert.equal(answered['x-content-type-options'], 'nosniff');
    assert.match(String(answered['content-security-policy']), /sandbox/);
  });

  it('relays a body with its content coding and its content length', async () => {
    const coded = gzipSync('x'.repeat(1000));
    upstreamDoes = (request, response) => {
      assert.equal(request.headers['accept-encoding'], 'gzip, br');
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': coded.length });
      response.end(coded);
    };
    const { headers, body } = await call(relayed(), { headers: { ...own(), 'accept-encoding': 'gzip, br' } });
    assert.deepEqual(body, coded);
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(headers['content-length'], String(coded.length));
  });

  it('tells of a server that is not there', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (closed.address());
    closed.close();
    const other = await startServe(here, ['--endpoint', `http://127.0.0.1:${port}`]);
    const { cookie, token } = await enter(other.url);
    const headers = { origin: other.origin, cookie, 'x-petit-token': token };
    const response = await fetch(`${other.origin}/relay/http/127.0.0.1:${port}/v3/x`, { headers });
    assert.equal(response.status, 502);
    assert.match(
      (await response.json()).message,
      /127\.0\.0\.1:\d+ does not respond: connection refused \(connect ECONNREFUSED/,
    );
    await other.stop();
  });

  it('follows no redirect by itself, and leads to no other host', async () => {
    const elsewhere = {
      '/td/out': 'https://evil.example/x',
      // Calls may go there, but the browser would take the key of this host along.
      '/td/over': `${here.account.endpoint}/v3/x`,
    };
    upstreamDoes = ({ url = '' }, response) => {
      const location = elsewhere[/** @type {keyof typeof elsewhere} */ (url)] ?? '/td/v3/next?a=b';
      response.writeHead(302, { location }).end();
    };
    const { status, headers } = await call(relayed());
    assert.deepEqual([status, headers.location], [302, relayed('/td/v3/next?a=b')]);
    for (const path of Object.keys(elsewhere)) {
      const out = await call(relayed(path));
      assert.equal(out.status, 421);
      assert.equal(out.headers.location, undefined);
    }
  });

  it('streams both ways: what is sent arrives before the rest is there', async () => {
    upstreamDoes = (request, response) => {
      response.writeHead(200);
      request.on('data', (chunk) => response.write(`got ${chunk};`));
      request.on('end', () => response.end('end'));
    };
    const request = open(relayed(), { method: 'PUT' });
    request.write('one');
    const [response] = await once(request, 'response');
    assert.equal(String((await once(response, 'data'))[0]), 'got one;');
    request.write('two');
    assert.equal(String((await once(response, 'data'))[0]), 'got two;');
    request.end();
    assert.equal(String((await once(response, 'data'))[0]), 'end');
  });

  it('holds no more than it has to when the page is slow', async () => {
    const chunk = Buffer.alloc(2 ** 20);
    let sent = 0;
    upstreamDoes = async (_request, response) => {
      const closed = new AbortController();
      response.once('close', () => closed.abort());
      response.writeHead(200);
      while (sent < 200 && !response.destroyed) {
        sent += 1;
        if (!response.write(chunk)) await once(response, 'drain', closed).catch(() => {});
      }
    };
    const request = open(relayed());
    request.end();
    const [response] = await once(request, 'response');
    response.pause();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await pause(200);
    }
    assert.ok(sent < 50, `${sent} MiB were taken, though nobody reads`);
    response.destroy();
  });

  it('ends the call when the page goes away', async () => {
    const gone = new Promise((resolve) => {
      upstreamDoes = (request, response) => {
        response.writeHead(200);
        response.write('x');
        request.socket.once('close', resolve);
      };
    });
    const request = open(relayed());
    request.end();
    const [response] = await once(request, 'response');
    response.destroy();
    await gone;
  });

  it('breaks off where the server breaks off, so that half an answer does not look whole', async () => {
    upstreamDoes = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"a":', () => setImmediate(() => response.destroy()));
    };
    await assert.rejects(call(relayed()), { code: 'ECONNRESET' });
  });

  it('serves the page with what keeps others out of it', async () => {
    const cookie = { cookie: page.cookie };
    const { status, headers, body } = await call(page.pagePath, { headers: cookie });
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'? '|\*/);
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(String(body))?.[1];
    const asset = await call(`${page.pagePath}${script}`, { headers: cookie });
    assert.match(asset.headers['content-type'] ?? '', /javascript/);
    assert.equal(asset.headers['content-security-policy'], policy, 'workers get theirs from their script');
    assert.equal((await call(`${page.pagePath}none`, { headers: cookie })).status, 404);
    assert.equal((await call(`${page.pagePath}..%2f..%2fpackage.json`, { headers: cookie })).status, 404);
    assert.equal((await call(page.pagePath, { method: 'POST', headers: cookie })).status, 405);
  });
});

describe('the command', () => {
  it('ends at once by Ctrl-C, with calls under way, and prints no secret', async () => {
    const serve = await startServe(here, ['--endpoint', here.account.endpoint]);
    const { cookie, token, key, pagePath } = await enter(serve.url);
    here.emulator.faults.add({ path: '/v3/database/list', action: { type: 'delay', ms: 60_000 } });
    const { host } = new URL(here.account.endpoint);
    const headers = { authorization: `TD1 ${here.account.apikey}`, cookie, 'x-petit-token': token };
    const waiting = fetch(`${serve.origin}/relay/http/${host}/v3/database/list`, { headers });
    const failed = assert.rejects(waiting);
    while (!here.requests().includes('GET /v3/database/list')) await pause(20);
    const { code, stdout, stderr } = await serve.stop();
    await failed;
    assert.equal(code, 0);
    for (const secret of [cookie, token, key, pagePath]) {
      assert.ok(!(stdout + stderr).includes(secret), 'a secret is in the output');
    }
    assert.equal(stdout, `${serve.url}\n`);
  });

  it('prints a new address when the user presses Enter', async () => {
    const { child, ended } = here.start(['serve', '--no-open'], {}, '\n');
    let text = '';
    while (text.split('\n').length < 3) text += String((await once(child.stdout, 'data'))[0]);
    const [first = '', second = ''] = text.split('\n');
    assert.notEqual(first, second);
    assert.equal((await fetch(first)).status, 403);
    assert.equal((await fetch(second)).status, 200);
    child.kill('SIGINT');
    assert.equal((await ended).code, 0);
  });

  it('uses the port of the last run', async () => {
    const origins = [];
    for (let run = 0; run < 2; run += 1) {
      const serve = await startServe(here);
      origins.push(serve.origin);
      await serve.stop();
    }
    assert.equal(origins[0], origins[1]);
  });

  const isLinux = process.platform === 'linux';
  it('opens the page in the browser', { skip: !isLinux && 'only Linux lets BROWSER choose it' }, async () => {
    const [script, opened] = [here.path('browser'), here.path('opened')];
    const lines = ['#!/bin/sh', `env > '${opened}.env'`, `stat -c '%a' "$1" > '${opened}.mode'`];
    lines.push(`cat /proc/$$/cmdline > '${opened}.cmdline'`);
    lines.push(`cat "$1" > '${opened}.part'`, `mv '${opened}.part' '${opened}'`);
    await writeFile(script, lines.join('\n'), { mode: 0o755 });
    const keys = {
      TD_API_KEY: '1/k',
      SOURCE_API_KEY: '2/k',
      DEST_API_KEY: '3/k',
      TREASURE_DATA_API_KEY: '4/k',
    };
    const { child, ended } = here.start(['serve'], {
      BROWSER: script,
      PETIT_SITE: 'eu01',
      LANG: 'C',
      ...keys,
    });
    const [url] = await once(child.stdout, 'data');
    let read = '';
    while (read === '' && child.exitCode === null) {
      await pause(20);
      read = await readFile(opened, 'utf8').catch(() => '');
    }
    child.kill('SIGINT');
    assert.equal((await ended).code, 0);
    const address = String(url).trim();
    assert.ok(read.includes(`content="0; url=${address}"`), read);
    assert.equal(await readFile(`${opened}.mode`, 'utf8'), '600\n');
    // Other users can see the arguments of a process.
    const seen = await readFile(`${opened}.cmdline`, 'utf8');
    assert.match(seen, /open\.html/);
    assert.ok(!seen.includes(new URL(address).pathname), 'the secret is in the arguments');
    assert.ok(!existsSync(seen.split('\0')[2] ?? ''), 'the file stays behind');
    const inherited = await readFile(`${opened}.env`, 'utf8');
    assert.match(inherited, /^LANG=C$/m);
    assert.doesNotMatch(inherited, /API_KEY|^PETIT_|\/k$/m, 'the browser inherits a key');
  });

  it('says what is wrong with its arguments', async () => {
    const bad = await here.start(['serve', '--no-open', '--endpoint', 'ftp://x'], {}).ended;
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /only https and http are supported/);
    const port = await here.start(['serve', '--no-open', '--port', '65536'], {}).ended;
    assert.equal(port.code, 1);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port: number } = /** @type {import('node:net').AddressInfo} */ (taken.address());
    const second = await here.start(['serve', '--no-open', '--port', String(number)], {}).ended;
    taken.close();
    assert.equal(second.code, 1);
    assert.match(second.stderr, /another program uses it[\s\S]*--port/);
  });
});
