import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { verifyRelay } from '../../pkg-scripts/driver/utils/relay-proof.js';
import { Access } from '../../pkg-scripts/serve/access.js';
import { startServer } from '../../pkg-scripts/serve/server.js';
import { enter, openPage } from '../support/serve.js';

/** Who may use `petit serve`, as raw HTTP: browsers, other users of the computer, and servers of other ports. */

/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */

const NAVIGATION = { accept: 'text/html,*/*' };

let folder = '';
/** @type {Server} */
let server;
/** @type {string} */
let origin;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-serve-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><head></head>petit');
  await writeFile(join(folder, 'asset.js'), 'asset');
});
after(() => rm(folder, { recursive: true, force: true }));

const start = (port = 0) => startServer({ folder, port, hosts: [], endpoints: [] });

/**
 * @param {string} url
 * @param {Record<string, string>} [headers]
 * @param {string} [method]
 */
async function get(url, headers = {}, method = 'GET') {
  const request = send(url, { headers, method });
  request.end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

/** The relay as a page uses it. `fetch` of Node has no cookies, so that they are added. @param {string} url */
async function relayOf(url) {
  const { cookie, page, key, token } = await enter(url);
  return { cookie, relay: { url: new URL(url).origin, page, key, token } };
}

/** @param {{ cookie: string, relay: import('../../pkg-scripts/types.js').Relay }} page */
async function verify({ cookie, relay }) {
  const { fetch } = globalThis;
  globalThis.fetch = (url, options) => fetch(url, { ...options, headers: { cookie } });
  try {
    await verifyRelay(relay);
  } finally {
    globalThis.fetch = fetch;
  }
}

describe('the address of petit serve', () => {
  beforeEach(async () => {
    server = await start();
    origin = `http://127.0.0.1:${server.port}`;
  });
  const stop = () => server.close();

  it('is exchanged for a cookie that no script and no other site gets, and for the path of the page', async (test) => {
    test.after(stop);
    const { status, headers } = await get(server.url);
    assert.equal(status, 200);
    assert.match(
      String(headers['set-cookie']),
      new RegExp(`^petit-${server.port}=[\\w.-]{87}; Path=/; HttpOnly; SameSite=Strict$`),
    );
    assert.match(String(headers.refresh), /^0; url=\/page\/[\w-]{43}\/$/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  });

  it('works once', async (test) => {
    test.after(stop);
    const { cookie } = await enter(server.url);
    const again = await get(server.url);
    assert.equal(again.status, 403);
    assert.equal(again.headers['set-cookie'], undefined);
    assert.match(again.body, /no longer works/);
    const other = await relayOf(server.newUrl());
    assert.equal(
      (await get(server.url, { cookie: other.cookie })).status,
      403,
      'with the cookie of another browser',
    );
    const reloaded = await get(server.url, { cookie });
    assert.equal(reloaded.status, 403, 'after a newer address was used');
  });

  it('leads the browser that used it to the same page again', async (test) => {
    test.after(stop);
    const { cookie, pagePath } = await enter(server.url);
    const { status, headers } = await get(server.url, { cookie });
    assert.deepEqual([status, headers.refresh], [200, `0; url=${pagePath}`]);
    assert.equal(headers['set-cookie'], undefined);
  });

  it('is not used up by a preload, by HEAD or by a wrong guess', async (test) => {
    test.after(stop);
    assert.equal((await get(server.url, { 'sec-purpose': 'prefetch;prerender' })).status, 503);
    assert.equal((await get(server.url, {}, 'HEAD')).status, 405);
    assert.equal((await get(`${origin}/open/${'x'.repeat(43)}`)).status, 403);
    assert.equal((await get(`${origin}/open/`)).status, 403);
    assert.equal((await get(server.url)).status, 200);
  });

  it('no longer works when there is a newer one', async (test) => {
    test.after(stop);
    const { url } = server;
    const newer = server.newUrl();
    assert.notEqual(newer, url);
    assert.equal((await get(url)).status, 403);
    assert.equal((await get(newer)).status, 200);
  });
});

describe('without a cookie of this run', () => {
  /** @type {Awaited<ReturnType<typeof enter>>} */
  let page;
  before(async () => {
    server = await start();
    origin = `http://127.0.0.1:${server.port}`;
    page = await enter(server.url);
  });
  after(() => server.close());

  const paths = () => [
    '/',
    '/index.html',
    '/asset.js',
    page.pagePath,
    `${page.pagePath}asset.js`,
    `/proof/${page.page}/${'n'.repeat(43)}`,
    '/relay/https/api.treasuredata.com/v3/x',
    '/download/x/y',
  ];

  it('every path answers only with the way to get in', async () => {
    for (const path of paths()) {
      const { status, body, headers } = await get(`${origin}${path}`, NAVIGATION);
      assert.equal(status, 403, path);
      assert.match(body, /Open the address that <code>petit serve<\/code> printed/, path);
      assert.doesNotMatch(body, /<script|petit-serve|asset/, path);
      assert.doesNotMatch(String(headers['content-security-policy']), /script-src/);
      const { token } = page;
      const call = await get(`${origin}${path}`, { 'x-petit-token': token, origin }, 'POST');
      assert.equal(call.status, 403, path);
      assert.match(JSON.parse(call.body).message, /open the address that it printed/);
    }
  });

  it('a cookie of another port, of another run or of a wrong form is refused', async (test) => {
    const other = await start();
    test.after(() => other.close());
    const foreign = (await enter(other.url)).cookie;
    const [name, value = ''] = page.cookie.split('=');
    const [session = '', proof = ''] = value.split('.');
    for (const cookie of [
      foreign,
      foreign.replace(/^petit-\d+/, String(name)),
      `${name}=`,
      `${name}=${session}`,
      `${name}=${session}.`,
      `${name}=.${proof}`,
      `${name}=x${session}.${proof}`,
      `x${page.cookie}`,
    ]) {
      assert.equal((await get(`${origin}${page.pagePath}`, { cookie })).status, 403, cookie);
    }
  });

  it('the cookie is found among those that other ports have set', async () => {
    const [name] = page.cookie.split('=');
    const cookie = `a=b; ${name}=wrong; ${page.cookie};${name}=wrong`;
    assert.equal((await get(`${origin}${page.pagePath}`, { cookie })).status, 200);
  });
});

describe('with the cookie alone, as a server of another port can see it', () => {
  before(async () => {
    server = await start();
    origin = `http://127.0.0.1:${server.port}`;
  });
  after(() => server.close());

  it('neither the page nor its path, token or key can be had', async () => {
    const { cookie, pagePath, token, page, key } = await enter(server.url);
    const headers = { cookie, ...NAVIGATION };
    const root = await get(`${origin}/`, headers);
    assert.equal(root.status, 200, 'a script of this origin finds the page for a second tab');
    const seen = [
      root,
      await get(server.url, { cookie: '' }),
      await get(`${origin}/page/${'x'.repeat(43)}/`, headers),
    ];
    for (const { body, headers } of seen) {
      for (const secret of [pagePath, token, page, key]) {
        assert.ok(!(body + JSON.stringify(headers)).includes(secret));
      }
    }
    assert.equal(seen[2]?.status, 200, 'nor does the path of another session show it');
    const relayed = await get(`${origin}/relay/https/api.treasuredata.com/`, { ...headers, origin });
    assert.equal(relayed.status, 403);
  });

  it('a token of another browser is refused', async () => {
    const one = await enter(server.newUrl());
    const other = await enter(server.newUrl());
    const relay = `${origin}/relay/https/elsewhere.example/`;
    const headers = { cookie: one.cookie, origin };
    const refused = await get(relay, { ...headers, 'x-petit-token': other.token });
    assert.match(refused.body, /another run of petit serve/);
    const passed = await get(relay, { ...headers, 'x-petit-token': one.token });
    assert.match(passed.body, /not a host of Treasure Data/);
  });

  it('a service worker gets no script', async () => {
    const { cookie, pagePath } = await enter(server.newUrl());
    const headers = { cookie, 'service-worker': 'script' };
    assert.equal((await get(`${origin}${pagePath}asset.js`, headers)).status, 403);
  });
});

describe('a page verifies its server before each call', () => {
  it('and accepts the one that served it', async (test) => {
    const server = await start();
    test.after(() => server.close());
    const page = await relayOf(server.url);
    await verify(page);
    const { cookie } = page;
    const { pagePath } = await enter(server.newUrl());
    assert.ok(pagePath);
    await verify(page);
    assert.ok(cookie);
  });

  it('and each opening of a page has a token and a key of its own', async (test) => {
    const server = await start();
    test.after(() => server.close());
    const first = await enter(server.url);
    const second = await openPage(`http://127.0.0.1:${server.port}`, first);
    assert.notEqual(first.token, second.token);
    assert.notEqual(first.key, second.key);
  });

  it('and notices that it has ended', async () => {
    const server = await start();
    const page = await relayOf(server.url);
    await server.close();
    await assert.rejects(verify(page), { code: 'relay_stopped' });
  });

  it('and notices another run at the same port, also with a cookie of that run', async (test) => {
    const first = await start();
    const page = await relayOf(first.url);
    await first.close();
    const second = await start(first.port);
    test.after(() => second.close());
    await assert.rejects(verify(page), { code: 'relay_replaced' });
    const { cookie } = await enter(second.url);
    await assert.rejects(verify({ ...page, cookie }), { code: 'relay_replaced' });
  });

  it('and notices a program that answers in its place, which gets no key', async (test) => {
    const first = await start();
    const page = await relayOf(first.url);
    const { port } = first;
    await first.close();
    /** @type {string[]} */
    const seen = [];
    const answers = ['{}', '{"proof":""}', '{"proof":5}', `{"proof":"${'A'.repeat(43)}"}`, '<html>', ''];
    const planted = createServer(({ url, headers }, response) => {
      seen.push(`${url} ${JSON.stringify(headers)}`);
      response.end(answers[seen.length - 1]);
    });
    planted.listen(port, '127.0.0.1');
    await once(planted, 'listening');
    test.after(() => planted.close());
    for (const _ of answers) await assert.rejects(verify(page), { code: 'relay_replaced' });
    assert.equal(seen.length, answers.length);
    for (const secret of [page.relay.key, page.relay.token]) assert.ok(!seen.join('\n').includes(secret));
  });
});

describe('who has access', () => {
  it('is decided by a key of each run', () => {
    const [one, other] = [new Access(5000), new Access(5000)];
    const entry = one.exchange(one.issueSecret(), undefined);
    const cookies = entry?.cookie?.split(';')[0];
    const session = one.sessionOf(cookies);
    assert.ok(session);
    assert.equal(one.pagePath(session), entry?.pagePath);
    assert.notEqual(other.pagePath(session), entry?.pagePath);
    assert.equal(other.sessionOf(cookies), undefined);
    const { token, page } = one.newPage(session);
    assert.ok(one.isToken(session, token));
    assert.ok(!other.isToken(session, token));
    for (const wrong of [undefined, ['x'], '', page, `${page}.`]) assert.ok(!one.isToken(session, wrong));
  });
});
