import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * A server of finished jobs with results of any bytes, which the emulator's own encoder would not write.
 * @typedef {{ schema: [name: string, type: string][], gzipped: Buffer, rows: number }} FinishedResult
 */
export class ResultServer {
  /** @type {FinishedResult[]} by job id */
  #results = [];
  #server = createServer((request, response) => this.#answer(request, response));

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  get account() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return { endpoint: `http://127.0.0.1:${port}`, apikey: `1/${'0'.repeat(40)}` };
  }

  /** @param {FinishedResult} result @returns {string} the id of its job */
  add(result) {
    return String(this.#results.push(result) - 1);
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  #answer({ url = '', headers }, response) {
    const [, call, id] = /^\/v3\/job\/(show|status|result)\/(\d+)/.exec(url) ?? [];
    const result = this.#results[Number(id)];
    if (!call || !result) return response.writeHead(404).end('{"error":"not found"}');
    if (call === 'result') return sendRange(response, result.gzipped, headers.range);
    const { schema, gzipped, rows } = result;
    const shown = {
      ...{ job_id: id, status: 'success', type: 'presto', database: 'db', query: 'SELECT 1' },
      ...{ result_size: gzipped.length, num_records: rows, hive_result_schema: JSON.stringify(schema) },
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Buffer} bytes
 * @param {string | undefined} range
 */
function sendRange(response, bytes, range) {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const headers = { 'content-type': 'application/octet-stream', etag: '"result"' };
  if (first === undefined || Number(first) >= bytes.length) {
    return response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
  }
  const end = last ? Math.min(Number(last), bytes.length - 1) : bytes.length - 1;
  const part = bytes.subarray(Number(first), end + 1);
  const contentRange = `bytes ${first}-${end}/${bytes.length}`;
  response
    .writeHead(206, { ...headers, 'content-range': contentRange, 'content-length': part.length })
    .end(part);
}
