import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sirv from 'sirv';
import { META_NAME } from '../platform/relay.js';
import { Refusal } from './guard.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** Allows only what this server serves, no inline code or style; WebAssembly may be compiled. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Files whose addresses contain a hash of their contents. */
const HASHED = /^\/(assets|wasm)\//;

/** The module, which is beside the page's folder, because the command and the library use it too. */
const MODULE = '/wasm/petit_bg.wasm';

/**
 * Serves the built page. The page itself contains what its calls need: an address, the history or a Referer would reveal
 * it; other origins cannot read the page.
 * @param {string} folder
 * @param {{ token: string, endpoints: string[] }} offered
 */
export function pageHandler(folder, offered) {
  const html = withMeta(readFileSync(join(folder, 'index.html'), 'utf8'), offered);
  const options = { setHeaders: setCacheControl };
  const files = sirv(folder, options);
  const filesBeside = sirv(dirname(folder), options);

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Refusal(405, 'only GET and HEAD are allowed, except for API calls');
    }
    response.setHeader('content-security-policy', POLICY);
    const path = request.url?.replace(/\?.*/, '');
    if (path === '/' || path === '/index.html') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : html);
      return;
    }
    const handler = path === MODULE ? filesBeside : files;
    handler(request, response, () => {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('File not found.');
    });
  };
}

/**
 * @param {ServerResponse} response
 * @param {string} path
 */
function setCacheControl(response, path) {
  const isFixed = HASHED.test(path);
  response.setHeader('cache-control', isFixed ? 'private, max-age=31536000, immutable' : 'no-cache');
}

/**
 * @param {string} html
 * @param {unknown} content
 */
function withMeta(html, content) {
  const text = JSON.stringify(content)
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;');
  return html.replace('</head>', () => `  <meta name="${META_NAME}" content="${text}">\n  </head>`);
}
