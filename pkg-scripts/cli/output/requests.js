import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/**
 * A request that has ended.
 * @typedef {object} RequestDetail
 * @property {'request'} type
 * @property {string} method
 * @property {string} url without its query
 * @property {number | undefined} status undefined without a response
 * @property {number} ms from the request to the end of its response
 * @property {string} [error] why it ended early
 */

/** @typedef {{ origin: unknown, method: string, path: string }} UndiciRequest its headers, which have the key, are not read */

/**
 * Reports every HTTP request of this process when it has ended: those of Treasure Data and those of stores. Node's fetch
 * announces them, with or without a proxy.
 * @param {(request: RequestDetail) => void} report
 * @returns {() => void} stops it
 */
export function watchRequests(report) {
  /** @type {WeakMap<UndiciRequest, { startedAt: number, status?: number }>} */
  const running = new WeakMap();
  const end = (/** @type {UndiciRequest} */ request, /** @type {Error | undefined} */ error) => {
    const known = running.get(request);
    if (!known) return;
    running.delete(request);
    const { startedAt, status } = known;
    const ms = Math.round(performance.now() - startedAt);
    const url = `${request.origin}${request.path.replace(/[?#].*/s, '')}`;
    const reason = error && { error: error.name === 'AbortError' ? 'aborted' : error.message };
    report({ type: 'request', method: request.method, url, status, ms, ...reason });
  };
  /**
   * What Node announces about a request.
   * @typedef {{ request: UndiciRequest, response: { statusCode: number }, error: Error }} Announced
   */
  /** @type {[name: string, listener: (announced: Announced) => void][]} */
  const handlers = [
    ['create', ({ request }) => running.set(request, { startedAt: performance.now() })],
    [
      'headers',
      ({ request, response }) => Object.assign(running.get(request) ?? {}, { status: response.statusCode }),
    ],
    ['trailers', ({ request }) => end(request, undefined)],
    ['error', ({ request, error }) => end(request, error)],
  ];
  const listeners = handlers.map(([name, listener]) => {
    const onMessage = (/** @type {unknown} */ message) => listener(/** @type {Announced} */ (message));
    return { channel: `undici:request:${name}`, onMessage };
  });
  for (const { channel, onMessage } of listeners) subscribe(channel, onMessage);
  return () => {
    for (const { channel, onMessage } of listeners) unsubscribe(channel, onMessage);
  };
}
