import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startServer } from '../../pkg-scripts/serve/server.js';
import { enter } from '../support/serve.js';

/** A file on its way from the page to the browser's downloads, as raw HTTP. */

const BYTES = Buffer.alloc(32 * 2 ** 20, 'petit');

describe('a download through petit serve', () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  let folder = '';
  let origin = '';
  /** @type {Record<string, string>} */
  let headers = {};
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'petit-serve-'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><head></head>petit');
    server = await startServer({ folder, port: 0, hosts: [], endpoints: [] });
    origin = `http://127.0.0.1:${server.port}`;
    const { cookie, token } = await enter(server.url);
    headers = { cookie, 'x-petit-token': token, origin };
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const newPath = (name = 'a.parquet') => `/download/${randomUUID()}/${name}`;

  /**
   * Sends a file as the page does.
   * @param {string} path
   * @param {{ others?: Record<string, string>, body?: Buffer }} [options]
   */
  function offer(path, { others = headers, body = BYTES } = {}) {
    const request = send(`${origin}${path}`, {
      method: 'POST',
      headers: { ...others, 'content-length': body.length },
    });
    const answer = once(request, 'response').then(([response]) => response.resume().statusCode);
    // Later errors are those of connections that the test ends.
    request.on('error', () => {}).end(body);
    return { request, answer };
  }

  /** Announces a file as the page does. @param {string} path @param {Record<string, string>} [others] */
  async function announce(path, others = headers) {
    const request = send(`${origin}${path}`, { method: 'PUT', headers: others });
    request.end();
    const [response] = await once(request, 'response');
    return response.resume().statusCode;
  }

  /** Takes a file as the browser's download does. @param {string} path @returns {Promise<import('node:http').IncomingMessage>} */
  async function take(path) {
    const request = send(`${origin}${path}`, { headers: { cookie: headers.cookie } });
    request.end();
    const [response] = await once(request, 'response');
    return response;
  }

  it('delivers the file under its name, and then tells the page', async () => {
    const path = newPath('%E8%A1%A8%20%22x%22.parquet');
    await announce(path);
    const { answer } = offer(path);
    const response = await take(path);
    assert.equal(
      response.headers['content-disposition'],
      "attachment; filename*=UTF-8''%E8%A1%A8%20%22x%22.parquet",
    );
    assert.equal(response.headers['content-length'], String(BYTES.length));
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    assert.deepEqual(Buffer.concat(chunks), BYTES);
    assert.equal(await answer, 204);
  });

  it('that the browser cancels fails for the page, which keeps the file', async () => {
    const path = newPath();
    await announce(path);
    const { answer } = offer(path);
    const failed = assert.rejects(answer);
    const response = await take(path);
    await once(response, 'data');
    response.on('error', () => {}).destroy();
    await failed;
  });

  it('can be taken once, and not after the page has gone', async () => {
    const get = async (/** @type {string} */ path) =>
      (await fetch(`${origin}${path}`, { headers: { cookie: headers.cookie ?? '' } })).status;
    assert.equal(await get(newPath()), 404);
    const path = newPath();
    await announce(path);
    const { answer } = offer(path);
    (await take(path)).resume();
    assert.equal(await answer, 204);
    assert.equal(await get(path), 404);

    const left = newPath();
    await announce(left);
    const { request, answer: never } = offer(left);
    const failed = assert.rejects(never);
    const response = await take(left);
    request.destroy();
    await failed;
    await assert.rejects(async () => {
      for await (const _ of response);
    });
    assert.equal(await get(left), 404);
  });

  it('can be taken before the file arrives', async () => {
    const path = newPath();
    await announce(path);
    const taken = take(path);
    const { answer } = offer(path);
    (await taken).resume();
    assert.equal(await answer, 204);
  });

  it('is offered only by the page of this run, after it was announced', async () => {
    const { 'x-petit-token': _, ...withoutToken } = headers;
    const foreign = { ...headers, origin: 'https://evil.example' };
    const body = Buffer.from('petit');
    for (const others of [withoutToken, foreign]) {
      assert.equal(await announce(newPath(), others), 403);
      assert.equal(await offer(newPath(), { others, body }).answer, 403);
    }
    assert.equal(await offer(newPath(), { body }).answer, 404);
  });

  it('waits for the browser; too many of them are refused', async () => {
    const body = Buffer.from('petit');
    for (let announced = 0; announced < 100; announced += 1) {
      assert.equal(await announce(newPath()), 204, 'those that no file follows are given up');
    }
    /** @type {ReturnType<typeof offer>[]} */
    const offers = [];
    for (;;) {
      const path = newPath();
      if ((await announce(path)) === 429) break;
      const others = { ...headers, expect: '100-continue' };
      const offered = offer(path, { others, body });
      offers.push(offered);
      await once(offered.request, 'continue');
    }
    assert.equal(offers.length, 64);
    const failed = offers.map(({ answer }) => assert.rejects(answer));
    for (const { request } of offers) request.destroy();
    await Promise.all(failed);
  });
});
