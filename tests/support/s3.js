import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { closeServer, freePort } from './ports.js';
import { untilReady } from './until-ready.js';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
/** moto gives objects to signed requests only, and believes every signature. */
const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request' };

/**
 * What the proxy does with a request instead of forwarding it.
 * @typedef {object} Fault
 * @property {string} [method]
 * @property {RegExp} [url]
 * @property {number} [times] how often; default: once
 * @property {number} [skip] requests that match before, and are forwarded
 * @property {'answer' | 'lose' | 'cut' | 'refuse'} action `answer`: with `status` and `code`. `lose`: forwards it, and closes
 *   the connection instead of the answer. `cut`: the same after a part of the answer. `refuse`: closes it at once
 * @property {number} [status]
 * @property {string} [code]
 * @property {() => unknown} [done] called when the fault has happened
 */

/** moto, a server with the API of S3, behind a proxy that makes faults, and the bucket `bucket`. */
export async function startS3() {
  const port = await freePort();
  const moto = spawn(PYTHON, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const upstream = `http://127.0.0.1:${port}`;
  await untilReady(upstream);
  /** @type {Fault[]} */
  let faults = [];
  /** @type {{ method: string, url: string, headers: import('node:http').IncomingHttpHeaders }[]} */
  const requests = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    requests.push({ method, url, headers });
    const fault = nextFault(faults, method, url);
    try {
      await answer({ incoming, outgoing, upstream, fault });
    } catch {
      outgoing.destroy();
    }
    fault?.done?.();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  await fetch(`${upstream}/bucket`, { method: 'PUT' });
  return {
    endpoint,
    /** The environment of a user. */
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'AKIAPETITTESTPETIT00',
      AWS_SECRET_ACCESS_KEY: 'secretSECRET/secret0123456789/SecretKey',
      AWS_REGION: 'us-east-1',
    },
    requests,
    /** @param {Fault[]} added */
    fail: (...added) => void faults.push(...added),
    clear() {
      faults = [];
      requests.length = 0;
    },
    /** @param {string} key */
    async read(key) {
      const response = await fetch(`${upstream}/bucket/${key}`, { headers: SIGNED });
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
    /** @param {string} key @param {Uint8Array | string} body */
    put: async (key, body) =>
      void (await fetch(`${upstream}/bucket/${key}`, {
        method: 'PUT',
        body: /** @type {BodyInit} */ (body),
      })),
    /** @param {string} key */
    remove: async (key) =>
      void (await fetch(`${upstream}/bucket/${key}`, { method: 'DELETE', headers: SIGNED })),
    /** Keys of the objects. @param {string} [prefix] */
    keys: (prefix = '') => namesIn(`${upstream}/bucket?list-type=2&prefix=${prefix}`, 'Key'),
    /** Keys of the uploads that are not complete. */
    uploads: () => namesIn(`${upstream}/bucket?uploads`, 'Key'),
    /**
     * Starts an upload as another program does. Returns what aborts it.
     * @param {string} key
     */
    async startForeignUpload(key) {
      const url = `${upstream}/bucket/${key}`;
      const started = await (await fetch(`${url}?uploads`, { method: 'POST', headers: SIGNED })).text();
      const [, id] = /<UploadId>([^<]*)</.exec(started) ?? [];
      return async () => void (await fetch(`${url}?uploadId=${id}`, { method: 'DELETE', headers: SIGNED }));
    },
    async close() {
      await closeServer(server);
      moto.kill();
      if (moto.exitCode === null && moto.signalCode === null) await once(moto, 'exit');
    },
  };
}

/** @param {Fault[]} faults @param {string} method @param {string} url */
function nextFault(faults, method, url) {
  for (const fault of faults) {
    const { times = 1, skip = 0 } = fault;
    const isMatch = (!fault.method || fault.method === method) && (!fault.url || fault.url.test(url));
    if (!isMatch || times === 0) continue;
    if (skip > 0) {
      fault.skip = skip - 1;
      return undefined;
    }
    fault.times = times - 1;
    return fault;
  }
  return undefined;
}

/**
 * @param {{ incoming: import('node:http').IncomingMessage, outgoing: import('node:http').ServerResponse, upstream: string,
 *   fault: Fault | undefined }} exchange
 */
async function answer({ incoming, outgoing, upstream, fault }) {
  if (fault?.action === 'refuse') return void outgoing.destroy();
  const body = await bytesIn(incoming);
  if (fault?.action === 'answer') {
    const { status = 500, code = 'InternalError' } = fault;
    outgoing.writeHead(status, { 'content-type': 'application/xml' });
    return void outgoing.end(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>a fault</Message></Error>`,
    );
  }
  const { method = '', url = '', headers } = incoming;
  // moto knows the condition of a completion not yet; S3 does.
  const isCompletion = method === 'POST' && url.includes('uploadId=');
  const isConditional = isCompletion && headers['if-none-match'] === '*';
  if (
    isConditional &&
    (await fetch(`${upstream}${url.replace(/\?.*/, '')}`, { method: 'HEAD', headers: SIGNED })).ok
  ) {
    outgoing.writeHead(412, { 'content-type': 'application/xml' });
    return void outgoing.end('<Error><Code>PreconditionFailed</Code></Error>');
  }
  const answered = await forward(`${upstream}${url}`, { method, headers }, body);
  const text = await bytesIn(answered);
  if (fault?.action === 'lose') return void outgoing.destroy();
  outgoing.writeHead(answered.statusCode ?? 500, answered.headers);
  if (url.includes('uploads=')) return void outgoing.end(withDates(text.toString()));
  if (fault?.action !== 'cut') return void outgoing.end(text);
  outgoing.write(text.subarray(0, text.length / 2));
  setImmediate(() => outgoing.destroy());
}

/**
 * @param {string} url
 * @param {import('node:http').RequestOptions} options
 * @param {Buffer} body
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
const forward = (url, options, body) =>
  new Promise((resolve, reject) => {
    httpRequest(url, { ...options, agent: false }, resolve)
      .on('error', reject)
      .end(body);
  });

/** @param {import('node:http').IncomingMessage} message */
async function bytesIn(message) {
  const chunks = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * moto says that every upload was begun in 2010.
 * @param {string} listing
 */
const withDates = (listing) => listing.replaceAll('2010-11-10T20:48:33.000Z', new Date().toISOString());

/** @param {string} url @param {string} tag */
async function namesIn(url, tag) {
  const text = await (await fetch(url)).text();
  return [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, name = '']) => name);
}
