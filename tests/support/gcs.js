import { once } from 'node:events';
import { createServer } from 'node:http';
import { closeServer } from './ports.js';

// A server with the XML API of Google Cloud Storage, as Google's reference describes it: objects with generations, conditions
// on generations, and resumable uploads, whose chunks come in order and are multiples of 256 KiB.

const CHUNK_UNIT = 256 * 2 ** 10;

/**
 * @typedef {{ bytes: Buffer, generation: number, headers: Record<string, string>, modified: Date }} StoredObject
 * @typedef {{ key: string, parts: Buffer[], bytes: number, condition: string | undefined, headers: Record<string, string> }} Session
 * @typedef {{ method: string, url: string, headers: import('node:http').IncomingHttpHeaders }} SeenRequest
 *
 * What happens to a request instead of its answer: `answer` with `status`, `lose` the answer, `half` of the body arrives.
 * @typedef {{ method: string, url: RegExp, action: 'answer' | 'lose' | 'half', status?: number }} GcsFault
 */

/** A bucket, `bucket`. */
export async function startGcs() {
  /** @type {Map<string, StoredObject>} */
  const objects = new Map();
  /** @type {Map<string, Session>} */
  const sessions = new Map();
  /** @type {SeenRequest[]} */
  const requests = [];
  /** @type {GcsFault[]} */
  const faults = [];
  let generation = 1_700_000_000_000_000;

  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers });
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    let body = Buffer.concat(chunks);
    const index = faults.findIndex((fault) => fault.method === method && fault.url.test(url));
    const [fault] = index < 0 ? [] : faults.splice(index, 1);
    if (fault?.action === 'answer') return void response.writeHead(fault.status ?? 503).end();
    if (fault?.action === 'half') body = body.subarray(0, body.length / 2);
    const answer = handle({ method, url: new URL(url, origin), headers, body });
    if (fault) return void response.destroy();
    response.writeHead(answer.status, answer.headers ?? {});
    response.end(method === 'HEAD' ? undefined : answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;

  /** @param {number} status @param {string} code */
  const error = (status, code) => ({
    status,
    body: `<Error><Code>${code}</Code><Message>a fault</Message></Error>`,
  });

  /** @param {string} key @param {string | undefined} condition */
  const holds = (key, condition) =>
    condition === undefined || String(objects.get(key)?.generation ?? 0) === condition;

  /** @param {string} key @param {Buffer} bytes @param {Record<string, string>} headers */
  function store(key, bytes, headers) {
    generation += 1;
    objects.set(key, { bytes, generation, headers, modified: new Date() });
    return { status: 200, headers: { 'x-goog-generation': String(generation) } };
  }

  /**
   * @param {{ method: string, url: URL, headers: import('node:http').IncomingHttpHeaders, body: Buffer }} request
   * @returns {{ status: number, headers?: Record<string, string>, body?: Buffer | string }}
   */
  function handle({ method, url, headers, body }) {
    const id = url.searchParams.get('upload_id');
    if (id) return resume(id, method, String(headers['content-range'] ?? ''), body);
    if (!/^(Bearer token-|GOOG4-HMAC-SHA256 Credential=)/.test(headers.authorization ?? ''))
      return error(401, 'AuthenticationRequired');
    const [, bucket, ...path] = url.pathname.split('/').map(decodeURIComponent);
    if (bucket !== 'bucket') return error(404, 'NoSuchBucket');
    const key = path.join('/');
    const condition = /** @type {string | undefined} */ (headers['x-goog-if-generation-match']);
    const kept = Object.entries(headers).filter(([name]) => name.startsWith('x-goog-meta-'));
    const metadata = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
    if (key === '') return list(url.searchParams.get('prefix') ?? '');
    if (method === 'POST' && headers['x-goog-resumable'] === 'start') {
      if (!holds(key, condition)) return error(412, 'PreconditionFailed');
      const session = `session-${sessions.size}`;
      sessions.set(session, { key, parts: [], bytes: 0, condition, headers: metadata });
      return {
        status: 201,
        headers: { location: `${origin}/bucket/${encodeURIComponent(key)}?upload_id=${session}` },
      };
    }
    if (method === 'POST') return error(400, 'InvalidArgument');
    if (!holds(key, condition)) return error(412, 'PreconditionFailed');
    if (method === 'PUT') return store(key, body, metadata);
    const found = objects.get(key);
    if (!found) return error(404, 'NoSuchKey');
    if (method === 'DELETE') {
      objects.delete(key);
      return { status: 204 };
    }
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const bytes = start === undefined ? found.bytes : found.bytes.subarray(Number(start), Number(end) + 1);
    return {
      status: start === undefined ? 200 : 206,
      headers: {
        ...found.headers,
        'x-goog-generation': String(found.generation),
        'last-modified': found.modified.toUTCString(),
        'content-length': String(bytes.length),
      },
      body: bytes,
    };
  }

  /** @param {string} id @param {string} method @param {string} range @param {Buffer} body */
  function resume(id, method, range, body) {
    const session = sessions.get(id);
    if (!session) return error(404, 'NoSuchUpload');
    if (method === 'DELETE') {
      sessions.delete(id);
      return { status: 499 };
    }
    const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(range) ?? [];
    if (total === undefined) return error(400, 'InvalidArgument');
    if (from !== undefined) {
      if (Number(from) > session.bytes) return error(400, 'InvalidArgument');
      const fresh = body.subarray(session.bytes - Number(from));
      // Only whole units are kept of a chunk that is not the last.
      const kept = total === '*' ? fresh.subarray(0, fresh.length - (fresh.length % CHUNK_UNIT)) : fresh;
      session.parts.push(kept);
      session.bytes += kept.length;
    }
    if (total === '*' || session.bytes < Number(total)) {
      const headers = session.bytes > 0 ? { range: `bytes=0-${session.bytes - 1}` } : undefined;
      return { status: 308, ...(headers && { headers }) };
    }
    sessions.delete(id);
    if (!holds(session.key, session.condition)) return error(412, 'PreconditionFailed');
    return store(session.key, Buffer.concat(session.parts), session.headers);
  }

  /** @param {string} prefix */
  function list(prefix) {
    const items = [...objects].filter(([key]) => key.startsWith(prefix)).sort();
    const xml = items.map(
      ([key, { bytes, generation, modified }]) =>
        `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><Generation>${generation}</Generation><Size>${bytes.length}</Size><LastModified>${modified.toISOString()}</LastModified></Contents>`,
    );
    return {
      status: 200,
      body: `<ListBucketResult>${xml.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`,
    };
  }

  return {
    origin,
    /** The environment of a user. */
    env: { STORAGE_EMULATOR_HOST: origin, GOOGLE_OAUTH_ACCESS_TOKEN: 'token-0123456789secret' },
    requests,
    /** Uploads that are not complete. */
    sessions,
    /** @param {GcsFault[]} added */
    fail: (...added) => void faults.push(...added),
    /** @param {string} key @returns {Uint8Array | undefined} */
    read: (key) => (objects.has(key) ? new Uint8Array(objects.get(key)?.bytes ?? []) : undefined),
    /** @param {string} key @param {Uint8Array} bytes */
    put: (key, bytes) => void store(key, Buffer.from(bytes), {}),
    keys: () => [...objects.keys()].sort(),
    close: () => closeServer(server),
  };
}
