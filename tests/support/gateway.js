import { createServer } from 'node:http';

/**
 * A gateway in front of a server: it can lose requests and answers, repeat them, hold them back, and answer by itself.
 *
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body: Buffer }} Message
 * @typedef {{ status: number, headers?: Record<string, string>, body: Buffer | string }} Answer
 * @typedef {(message: Message, forward: () => Promise<Answer>) => Promise<Answer | undefined>} Handler
 *   returns the answer; undefined closes the connection without one
 */

/** Headers that belong to one connection. */
const HOP = new Set(['connection', 'host', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']);

/**
 * @param {string} target base URL of the server
 * @param {Handler} handler
 */
export async function startGateway(target, handler) {
  const state = { handler, requests: /** @type {string[]} */ ([]) };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = 'GET', url = '/' } = request;
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP.has(name)));
    const message = { method, path: url, headers: /** @type {any} */ (headers), body: Buffer.concat(chunks) };
    state.requests.push(`${method} ${url}`);
    const answer = await state.handler(message, () => send(target, message)).catch(() => undefined);
    if (!answer) return void response.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
}

/**
 * @param {string} target
 * @param {Message} message
 * @returns {Promise<Answer>}
 */
async function send(target, { method, path, headers, body }) {
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const response = await fetch(target + path, {
    method,
    headers,
    ...(hasBody && { body: new Uint8Array(body) }),
  });
  const kept = [...response.headers].filter(([name]) => !HOP.has(name) && name !== 'content-encoding');
  return {
    status: response.status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** An answer of the gateway itself.
 * @param {number} status */
export const gatewayError = (status) => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<h1>no</h1>',
});
