// The small documents that the server sends in place of the page.
import { createHash } from 'node:crypto';

/** @import { ServerResponse } from 'node:http' */

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }
h1 { font-size: 1.25rem }`;

/** Opens the page whose path this browser has stored: see platform/relay.js. */
const FORWARD = `const path = localStorage.getItem('petit.page') ?? '';
if (/^\\/page\\/[\\w-]+\\/$/.test(path) && path !== location.pathname) location.replace(path);`;

const HOW_TO_ENTER = `<h1>This page of petit is private</h1>
<p>Open the address that <code>petit serve</code> printed in its terminal. An address works once.</p>
<p>For a new address, press Enter in that terminal, or start <code>petit serve</code> again.</p>`;

const USED = `<h1>This address no longer works</h1>
<p>An address works once, until there is a newer one or <code>petit serve</code> ends.</p>
<p>If it is the newest one and you have not used it, another person may have: stop <code>petit serve</code> with Ctrl-C.</p>
<p>For a new address, press Enter in the terminal of <code>petit serve</code>, or start it again.</p>`;

const OPENING = '<h1>Opening petit…</h1>';

/**
 * Says how to get in. The only answer to a request without a cookie of this run.
 * @param {ServerResponse} response
 */
export const sendHowToEnter = (response) => send(response, 403, { body: HOW_TO_ENTER });

/** @param {ServerResponse} response */
export const sendUsed = (response) => send(response, 403, { body: USED });

/**
 * Finds the page of a browser that has a cookie. The server must not name the path: a program that
 * has seen the cookie would learn it.
 * @param {ServerResponse} response
 */
export const sendForward = (response) => send(response, 200, { body: HOW_TO_ENTER, script: FORWARD });

/**
 * Opens the page. A redirect would not do: after a redirect from another site, for example from the local file that
 * `petit serve` opens, the browser withholds the cookie.
 * @param {ServerResponse} response
 * @param {{ pagePath: string, cookie?: string }} entry
 */
export function sendToPage(response, { pagePath, cookie }) {
  if (cookie) response.setHeader('set-cookie', cookie);
  response.setHeader('refresh', `0; url=${pagePath}`);
  send(response, 200, { body: OPENING });
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {{ body: string, script?: string }} content
 */
function send(response, status, { body, script }) {
  const scriptPolicy = script === undefined ? '' : `; script-src '${hashOf(script)}'`;
  const policy = `default-src 'none'; style-src '${hashOf(STYLE)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy + scriptPolicy,
    'cache-control': 'no-store',
  });
  response.end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>petit</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>${script === undefined ? '' : `\n<script>${script}</script>`}
</body>
</html>
`);
}

/** @param {string} text of an inline style or script */
const hashOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
