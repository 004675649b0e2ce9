import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { build } from 'vite';

/** @typedef {import('./index.js').TestEnv} TestEnv */

/**
 * Starts `petit serve`, without a browser.
 * @param {TestEnv} env
 * @param {string[]} [args]
 * @param {Record<string, string>} [variables] of its environment
 */
export async function startServe(env, args = [], variables = {}) {
  const { child, ended } = env.start(['serve', '--no-open', ...args], variables);
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(({ stderr }) => [stderr])]);
  const url = String(line).trim();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/open\/[\w-]{43}$/);
  return {
    url,
    origin: new URL(url).origin,
    child,
    ended,
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/**
 * Exchanges the address of `petit serve` as a browser does.
 * @param {string} url
 * @returns {Promise<{ cookie: string, pagePath: string, token: string, page: string, key: string }>} the cookie, and what the
 *   page contains
 */
export async function enter(url) {
  const { headers } = await fetch(url);
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
  const pagePath = /^0; url=(\S+)$/.exec(headers.get('refresh') ?? '')?.[1] ?? '';
  return { cookie, pagePath, ...(await openPage(new URL(url).origin, { cookie, pagePath })) };
}

/**
 * What a page of `petit serve` contains for its calls.
 * @param {string} origin
 * @param {{ cookie: string, pagePath: string }} entry
 */
export async function openPage(origin, { cookie, pagePath }) {
  const html = await (await fetch(`${origin}${pagePath}`, { headers: { cookie } })).text();
  const content = /<meta name="petit-serve" content="([^"]+)">/.exec(html)?.[1] ?? '';
  return JSON.parse(content.replaceAll('&quot;', '"'));
}

/** Builds the page of tests/library/browser, which has only petit's library. */
export async function buildLibraryPage() {
  const folder = await mkdtemp(join(tmpdir(), 'petit-page-'));
  const configFile = fileURLToPath(new URL('../library/browser/vite.config.js', import.meta.url));
  await build({ configFile, logLevel: 'warn', build: { outDir: folder } });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * A static file server without a relay and without special headers.
 * @param {string} folder
 */
export async function staticHost(folder) {
  const files = sirv(folder);
  const server = createServer((request, response) => files(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
