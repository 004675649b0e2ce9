import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sirv from 'sirv';
import { META_NAME } from '../platform/relay.js';
import { Refusal } from './guard.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** Allows only what this server serves, no inline code or style; WebAssembly may be compiled. */
const policyOf = (/** @type {string[]} */ cleanUpUrls) =>
  [
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
    ...(cleanUpUrls.length > 0 ? [`frame-src ${cleanUpUrls.join(' ')}`] : []),
  ].join('; ');

/** Files whose names contain a hash of their contents. */
const HASHED = /^\/assets\//;

/**
 * Serves the built page. The page itself contains what its calls need: an address, the history or a Referer would reveal
 * it; other origins cannot read the page.
 * @param {string} folder
 * @param {string[]} cleanUpUrls documents that the page shows in frames
 */
export function pageHandler(folder, cleanUpUrls) {
  const policy = policyOf(cleanUpUrls);
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const files = sirv(folder, {
    setHeaders: (response, path) => {
      response.setHeader(
        'cache-control',
        HASHED.test(path) ? 'private, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });

  /**
   * @param {IncomingMessage} request its URL is relative to the page
   * @param {ServerResponse} response
   * @param {() => object} newPage what a newly opened page needs
   */
  return (request, response, newPage) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Refusal(405, 'only GET and HEAD are allowed, except for API calls');
    }
    response.setHeader('content-security-policy', policy);
    const path = request.url?.replace(/\?.*/, '');
    if (path === '/' || path === '/index.html') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : withMeta(html, newPage()));
      return;
    }
    files(request, response, () => {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('File not found.');
    });
  };
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
