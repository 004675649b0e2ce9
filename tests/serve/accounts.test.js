import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { terminalAccounts } from '../../pkg-scripts/cli/config/served-accounts.js';
import { startServer } from '../../pkg-scripts/serve/server.js';
import { enter } from '../support/serve.js';

/** The accounts of the terminal in `petit serve`: raw HTTP, and a Treasure Data that repeats the key. */

const KEY = '21/0123456789abcdef0123456789abcdef01234567';
const SECRET = KEY.slice(3);

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-serve-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><head></head>petit');
});
after(() => rm(folder, { recursive: true, force: true }));

describe('an account of the terminal', () => {
  /** @type {(import('node:http').IncomingHttpHeaders)[]} */
  const seen = [];
  const upstream = createServer((request, response) => {
    seen.push(request.headers);
    if (request.url?.endsWith('/away')) {
      response.writeHead(302, { location: `/td/v3/next?key=${KEY}` }).end();
      return;
    }
    const answer = `{"a":"${KEY}","b":"21\\/${SECRET}"}`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    // The key is in two chunks.
    response.write(answer.slice(0, 20), () => response.end(answer.slice(20)));
  });
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  let origin = '';
  let base = '';
  /** @type {Awaited<ReturnType<typeof enter>> & { accounts: import('../../pkg-scripts/types.js').ServedAccount[] }} */
  let page;
  before(async () => {
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    base = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (upstream.address()).port}`;
    server = await startServer({
      ...{ folder, port: 0, hosts: [], endpoints: [`http://${base}/other`] },
      accounts: [{ label: 'TD_API_KEY', endpoint: `http://${base}/td`, apikey: KEY }],
    });
    origin = `http://127.0.0.1:${server.port}`;
    page = /** @type {typeof page} */ (await enter(server.url));
  });
  after(async () => {
    await server.close();
    upstream.close();
  });

  /** @param {string} path @param {Record<string, string>} [headers] */
  const call = (path, headers) =>
    fetch(`${origin}/relay/http/${base}${path}`, {
      ...{ method: 'POST', redirect: 'manual', body: 'x' },
      headers: {
        ...{ origin, cookie: page.cookie, 'x-petit-token': page.token },
        ...{ authorization: `TD1 ${page.accounts[0]?.id}`, ...headers },
      },
    });

  it('is shown to the page by its label and endpoint, without its key', () => {
    const { accounts, ...secrets } = page;
    assert.deepEqual(accounts, [{ id: accounts[0]?.id, label: 'TD_API_KEY', endpoint: `http://${base}/td` }]);
    assert.match(accounts[0]?.id ?? '', /^21\/[0-9a-f]{40}$/);
    assert.ok(!JSON.stringify([accounts, secrets]).includes(SECRET));
  });

  it('has its key added to the calls of the page, and hidden in their answers', async () => {
    const answer = await (await call('/td/v3/x', { 'accept-encoding': 'gzip' })).text();
    assert.equal(seen.at(-1)?.authorization, `TD1 ${KEY}`);
    assert.equal(seen.at(-1)?.['accept-encoding'], 'identity', 'the key can be found');
    const stars = '*'.repeat(SECRET.length);
    assert.deepEqual(JSON.parse(answer), { a: `21/${stars}`, b: `21/${stars}` });
    const redirect = await call('/td/v3/away');
    assert.equal(redirect.headers.get('location'), `/relay/http/${base}/td/v3/next?key=21/*`);
  });

  it('has rows that are passed on as they are', async () => {
    assert.match(await (await call('/td/v3/job/result/7')).text(), new RegExp(SECRET));
  });

  it('is for its own endpoint only', async () => {
    const calls = seen.length;
    const refused = await call('/other/v3/x');
    assert.equal(refused.status, 403);
    assert.match(await refused.text(), /the key of TD_API_KEY is for http:.*and is not sent to/);
    assert.equal(seen.length, calls);
    await call('/other/v3/x', { authorization: 'TD1 1/typed' });
    assert.equal(seen.at(-1)?.authorization, 'TD1 1/typed', 'a key of the page itself');
  });

  it('is behind the same checks as every call', async () => {
    const calls = seen.length;
    /** @type {Record<string, string>[]} */
    const wrongs = [{ 'x-petit-token': 'x' }, { cookie: 'petit=x' }, { origin: 'https://evil.example' }];
    for (const wrong of wrongs) {
      assert.equal((await call('/td/v3/x', wrong)).status, 403);
    }
    assert.equal(seen.length, calls);
  });
});

describe('the accounts that the page is offered', () => {
  /** @param {Record<string, string>} variables */
  async function find(variables) {
    /** @type {string[]} */
    const lines = [];
    const env = { TREASURE_DATA_CONFIG_PATH: join(folder, 'none'), ...variables };
    return { accounts: await terminalAccounts(env, (text) => lines.push(text)), lines };
  }

  it('are those of the variables and of td.conf, each with its endpoint, once', async () => {
    const conf = join(folder, 'td.conf');
    await writeFile(conf, '[account]\n  apikey = 3/conf\n  endpoint = https://api.eu01.treasuredata.com\n', {
      mode: 0o600,
    });
    const { accounts } = await find({
      ...{ SOURCE_API_KEY: '1/source', PETIT_SOURCE_SITE: 'jp01', DEST_API_KEY: '2/dest' },
      ...{ TD_API_KEY: '3/conf', TREASURE_DATA_CONFIG_PATH: conf },
    });
    assert.deepEqual(accounts, [
      { label: 'SOURCE_API_KEY', apikey: '1/source', endpoint: 'jp01' },
      { label: 'DEST_API_KEY', apikey: '2/dest', endpoint: 'aws' },
      { label: 'TD_API_KEY', apikey: '3/conf', endpoint: 'https://api.eu01.treasuredata.com' },
    ]);
  });

  it('are none without keys; an unusable one is left out with a reason that does not show it', async () => {
    assert.deepEqual(await find({}), { accounts: [], lines: [] });
    const conf = join(folder, 'broken.conf');
    await writeFile(conf, 'apikey', { mode: 0o600 });
    const { accounts, lines } = await find({ TD_API_KEY: '"1/quoted"', TREASURE_DATA_CONFIG_PATH: conf });
    assert.deepEqual(accounts, []);
    assert.equal(lines.length, 2);
    assert.match(lines.join(' '), /td\.conf: line 1 .*TD_API_KEY: the API key in TD_API_KEY is in quotes/);
    assert.doesNotMatch(lines.join(' '), /quoted/);
  });
});
