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
 */
export async function startServe(env, args = []) {
  const { child, ended } = env.start(['serve', '--no-open', ...args], {});
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(({ stderr }) => [stderr])]);
  const url = String(line).trim();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  return {
    origin: url.slice(0, -1),
    child,
    ended,
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
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
