import { noTable } from '../emulator/errors.js';
import { KEYS, SITES } from './treasure-data.js';

/**
 * The network between the clients and TD. The faults decide what becomes of each request.
 *
 * @typedef {{ status: number, headers: Record<string, any>, body: Buffer | string }} Answer
 * @typedef {object} Message
 * @property {string} client
 * @property {string} account
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {Buffer | undefined} body
 *
 * @typedef {'reset' | 'silence' | 500 | 502 | 504} Failure what the client gets instead of an answer
 * @typedef {{ thereMs: number, backMs: number } & (
 *     { kind: 'answered' }
 *   | { kind: 'lost', failure: Failure }
 *   | { kind: 'no_answer', failure: Failure }
 *   | { kind: 'late', failure: Failure, lateMs: number }
 *   | { kind: 'twice' }
 *   | { kind: 'again_later', lateMs: number }
 *   | { kind: 'by_proxy', status: number, retryAfter?: number }
 *   | { kind: 'cut' }
 *   | { kind: 'stale', lagMs: number })} Fate
 *
 * @typedef {object} LogEntry
 * @property {number} ms
 * @property {string} client
 * @property {string} request `POST /v3/…`
 * @property {string} fate
 * @property {number | undefined} status TD's answer; undefined while it was not carried out
 *
 * What a trace shows: see trace.js.
 * @typedef {{ client: string, path: string, body: string, what: Fate['kind'] | 'arrives' | 'denied' | 'looks',
 *   status?: number }} Exchange
 */

/** `https://client1-us01.td.test`: the client and the site of a request. */
const HOST = /^https:\/\/(\w+)-(\w+)\.td\.test/;

/** @param {string} client @param {'origin' | 'target'} account */
export const accountFor = (client, account) => ({
  endpoint: `https://${client}-${SITES[account]}.td.test`,
  apikey: KEYS[account] ?? '',
});

export class Network {
  /** @type {LogEntry[]} */
  log = [];
  /** What became of requests that change something, in the order in which it happened. @type {(Exchange | import('./trace.js').Report)[]} */
  exchanges = [];
  /** Requests that are on their way to TD. */
  inFlight = 0;
  /** The client whose request TD is handling. */
  sender = '';

  /**
   * @param {import('./treasure-data.js').TreasureData} td
   * @param {import('./clock.js').VirtualClock} clock
   * @param {{ decide: (message: Message) => Fate, isAlive: (client: string) => boolean }} world
   */
  constructor(td, clock, world) {
    this.td = td;
    this.clock = clock;
    this.world = world;
  }

  /**
   * Stands for `fetch`.
   * @param {Request} request
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  fetch = async (request, { signal } = {}) => {
    const message = await this.clock.during(messageOf(request));
    if (!this.world.isAlive(message.client)) return new Promise(() => {});
    if (signal?.aborted) throw signal.reason;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const settle = (/** @type {() => void} */ work) => {
        if (this.world.isAlive(message.client)) work();
      };
      this.#send(message, {
        resolve: (answer) => settle(() => resolve(toResponse(answer))),
        reject: (error) => settle(() => reject(error)),
      });
    });
  };

  /**
   * @param {Message} message
   * @param {{ resolve: (answer: Answer & { isCut?: boolean }) => void, reject: (error: Error) => void }} client
   */
  #send(message, client) {
    const fate = this.world.decide(message);
    const { thereMs, backMs } = fate;
    const entry = this.#note(message, fate);
    const back = (/** @type {() => void} */ work) => this.clock.startTimer(backMs, work);
    const fail = (/** @type {Failure} */ failure) => {
      if (failure === 'silence') return;
      back(() =>
        failure === 'reset' ? client.reject(connectionLost()) : client.resolve(byGateway(failure)),
      );
    };
    switch (fate.kind) {
      case 'lost':
        this.#exchange(message, 'lost');
        return void fail(fate.failure);
      case 'late':
        this.#exchange(message, 'late');
        fail(fate.failure);
        return this.#arriveLate(message, entry, fate.lateMs);
      case 'by_proxy':
        this.#exchange(message, fate.status === 404 ? 'denied' : 'lost');
        return void back(() => client.resolve(byGateway(fate.status, fate.retryAfter)));
      default:
    }
    this.#arrive(message, entry, thereMs, async (answer) => {
      if (fate.kind !== 'twice') this.#exchange(message, fate.kind, answer.status);
      switch (fate.kind) {
        case 'no_answer':
          return fail(fate.failure);
        case 'twice': {
          const second = await this.#handle(message, this.#note(message, fate));
          this.#exchange(message, 'twice', second.status);
          return void back(() => client.resolve(second));
        }
        case 'again_later':
          this.#arriveLate(
            message,
            this.#note(message, { ...fate, kind: 'late', failure: 504 }),
            fate.lateMs,
          );
          return void back(() => client.resolve(answer));
        case 'stale':
          return void back(() => client.resolve(this.#stale(message, fate.lagMs) ?? answer));
        default:
          return void back(() => client.resolve({ ...answer, isCut: fate.kind === 'cut' }));
      }
    });
  }

  /**
   * @param {Message} message
   * @param {LogEntry} entry
   * @param {number} ms
   * @param {(answer: Answer) => void} handled
   */
  #arrive(message, entry, ms, handled) {
    this.inFlight += 1;
    this.clock.startTimer(ms, () => {
      this.inFlight -= 1;
      this.clock.during(this.#handle(message, entry).then(handled));
    });
  }

  /**
   * @param {Message} message
   * @param {LogEntry} entry
   * @param {number} ms
   */
  #arriveLate(message, entry, ms) {
    this.#arrive(message, entry, ms, ({ status }) => this.#exchange(message, 'arrives', status));
  }

  /**
   * @param {Message} message
   * @param {Exchange['what']} what
   * @param {number} [status]
   */
  #exchange({ client, method, path, body }, what, status) {
    if (method !== 'GET') this.exchanges.push({ client, path, body: String(body ?? ''), what, status });
    else if (path.startsWith('/v3/bulk_import/show/')) {
      this.exchanges.push({ client, path, body: '', what: 'looks' });
    }
  }

  /**
   * @param {Message} message
   * @param {LogEntry} entry
   * @returns {Promise<Answer>}
   */
  async #handle(message, entry) {
    this.sender = message.client;
    entry.ms = this.clock.ms;
    const site = SITES[/** @type {'origin'} */ (message.account)];
    const answer = await this.td.handle(site, message);
    entry.status = answer.status;
    this.sender = '';
    const date = new Date(this.clock.date()).toUTCString();
    return { ...answer, headers: { ...answer.headers, date } };
  }

  /**
   * @param {Message} message
   * @param {number} lagMs
   * @returns {Answer | undefined}
   */
  #stale({ account, path }, lagMs) {
    const [, database = '', name] = /^\/v3\/table\/(?:list|show)\/(\w+)(?:\/(\w+))?/.exec(path) ?? [];
    const listing = this.td.staleListing(account, database, lagMs);
    if (!listing) return undefined;
    const headers = { 'content-type': 'application/json', date: new Date(this.clock.date()).toUTCString() };
    const table = listing.tables.find((/** @type {any} */ entry) => entry.name === name);
    const shown = name === undefined ? listing : table;
    if (!shown) return { status: 404, headers, body: JSON.stringify(noTable(name ?? '').body()) };
    return { status: 200, headers, body: JSON.stringify(shown) };
  }

  /**
   * @param {Message} message
   * @param {Fate} fate
   */
  #note({ client, method, path }, fate) {
    const request = `${method} ${path.replace(/\?.*/, '')}`;
    const entry = { ms: this.clock.ms, client, request, fate: fate.kind, status: undefined };
    this.log.push(entry);
    return entry;
  }
}

/** @param {Request} request @returns {Promise<Message>} */
async function messageOf(request) {
  const { method, url } = request;
  const [origin = '', client = '', site = ''] = HOST.exec(url) ?? [];
  const account = Object.entries(SITES).find((entry) => entry[1] === site)?.[0] ?? '';
  const body = method === 'GET' ? undefined : Buffer.from(await request.arrayBuffer());
  return {
    client,
    account,
    method,
    path: url.slice(origin.length),
    headers: Object.fromEntries(request.headers),
    body,
  };
}

/** @param {Answer & { isCut?: boolean }} answer */
function toResponse({ status, headers, body, isCut }) {
  const bytes = Buffer.from(body);
  if (!isCut) return new Response(status === 204 ? null : bytes, { status, headers });
  const stream = new ReadableStream({
    start: (controller) => controller.enqueue(bytes.subarray(0, bytes.length / 2)),
    pull: (controller) => controller.error(new TypeError('terminated')),
  });
  return new Response(stream, { status, headers });
}

const connectionLost = () =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  });

/**
 * @param {number} status
 * @param {number} [retryAfter] in seconds
 * @returns {Answer}
 */
const byGateway = (status, retryAfter) => ({
  status,
  headers: {
    'content-type': 'text/html',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  },
  body: '<h1>no</h1>',
});
