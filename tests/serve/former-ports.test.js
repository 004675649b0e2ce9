import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serveCleanUp } from '../../pkg-scripts/serve/former-ports.js';
import { startServer } from '../../pkg-scripts/serve/server.js';
import { enter } from '../support/serve.js';

/** The ports of earlier runs, at which browsers may still have files. */

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-serve-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><head></head>petit');
  await writeFile(join(folder, 'clean-up.html'), 'cleans up');
});
after(() => rm(folder, { recursive: true, force: true }));

/** A port that was free a moment ago. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {string} url @param {{ method?: string, headers?: Record<string, string> }} [options] */
async function statusOf(url, options = {}) {
  const request = send(url, options);
  request.end();
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

describe('the port of an earlier run', () => {
  const pageOrigin = 'http://127.0.0.1:1';

  it('has only the document that cleans up, for the page of this run, and is released afterwards', async () => {
    const port = await freePort();
    const cleanUp = await serveCleanUp({ folder, port, pageOrigin });
    assert.ok(cleanUp);
    const { url } = cleanUp;
    const { headers } = await fetch(url);
    assert.equal(headers.get('content-security-policy'), `frame-ancestors ${pageOrigin}`);
    assert.equal(await statusOf(url, { headers: { host: 'evil.example' } }), 403);
    assert.equal(await statusOf(`http://127.0.0.1:${port}/`), 403);
    assert.equal(await statusOf(`http://127.0.0.1:${port}/done`, { method: 'POST' }), 403);
    assert.equal(await serveCleanUp({ folder, port, pageOrigin }), undefined, 'the port is in use');
    assert.equal(await statusOf(new URL('done', url).href, { method: 'POST' }), 204);
    const again = await serveCleanUp({ folder, port, pageOrigin });
    assert.ok(again, 'the port is free again');
    again.close();
  });

  it('is named to the page, which may show it in a frame, and is released with the server', async () => {
    const port = await freePort();
    const formerPorts = [port];
    const server = await startServer({ folder, port: 0, hosts: [], endpoints: [], formerPorts });
    const { cookie, pagePath } = await enter(server.url);
    const page = await fetch(`http://127.0.0.1:${server.port}${pagePath}`, { headers: { cookie } });
    const policy = page.headers.get('content-security-policy') ?? '';
    const [, url = ''] = /frame-src (\S+)$/.exec(policy) ?? [];
    assert.match(url, new RegExp(`^http://127\\.0\\.0\\.1:${port}/[\\w-]{43}/clean-up\\.html$`));
    assert.ok((await page.text()).includes(url));
    await server.close();
    await assert.rejects(fetch(url));
  });
});
