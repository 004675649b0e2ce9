import { createHash } from 'node:crypto';
import { answer, changeHeaders, corrupter, cutter, filterBody, loseAnswer, staller } from './fault-bodies.js';

/**
 * Failures on demand: rules that say which requests, jobs and imports fail, how often and in what way.
 *
 * @typedef {object} Rule
 * @property {string} [method] of the request
 * @property {string} [path] a regular expression over path and query; for jobs over the query, for imports over the
 *   session's name
 * @property {string} [site]
 * @property {string} [account]
 * @property {number} [skip] matches that go well before the first failure
 * @property {number} [times] failures, 1 by default; -1 for ever
 * @property {number} [probability] of each match to fail, 1 by default
 * @property {number} [seed] of the dice
 * @property {Action} action
 *
 * @typedef {{ type: 'status', status: number, body?: 'json' | 'html' | 'empty', headers?: Record<string, string>,
 *     carriedOut?: boolean }
 *   | { type: 'reset', afterBytes?: number, carriedOut?: boolean }
 *   | { type: 'truncate', afterBytes: number }
 *   | { type: 'corrupt', atByte: number }
 *   | { type: 'stall', ms: number, afterBytes?: number }
 *   | { type: 'delay', ms: number }
 *   | { type: 'ignore_range' }
 *   | { type: 'headers', headers: Record<string, string | null> }
 *   | { type: 'patch', set: Record<string, unknown> }
 *   | { type: 'revoke_key' }
 *   | { type: 'job_fails', message?: string }
 *   | { type: 'perform_fails', message?: string }
 *   | { type: 'commit_fails' }
 *   | { type: 'error_records', count: number }} Action
 *
 * status: the answer is this instead, or with `carriedOut` the request is done and the answer lost. reset: the
 * connection is cut before the answer, after some bytes of it, or with `carriedOut` after the request was done.
 * truncate: the answer ends well too early, by the connection's end. corrupt: one byte is flipped. stall: no bytes for
 * a while. ignore_range: 200 and everything. headers: answers have these headers, or lack those that are null. patch:
 * fields of a JSON answer are changed.
 *
 * @typedef {Rule & { id: number, seen: number, done: number }} Armed
 */

const JOB_ACTIONS = new Set(['job_fails']);
const IMPORT_ACTIONS = new Set(['perform_fails', 'commit_fails', 'error_records']);

export class Faults {
  /** @type {Armed[]} */
  #rules = [];
  #nextId = 1;

  /**
   * @param {Rule} rule
   * @returns {number} its id
   */
  add(rule) {
    const armed = { ...rule, id: this.#nextId++, seen: 0, done: 0 };
    this.#rules.push(armed);
    return armed.id;
  }

  list() {
    return [...this.#rules];
  }

  clear() {
    this.#rules = [];
  }

  /**
   * @param {{ request: import('fastify').FastifyRequest, reply: import('fastify').FastifyReply, site: string,
   *   account: string | null, entry: import('./request-log.js').LogEntry }} at
   */
  async onRequest({ request, reply, site, account, entry }) {
    const { method } = request;
    const rule = this.#take(
      { method, site, account, subject: request.url },
      (type) => !JOB_ACTIONS.has(type) && !IMPORT_ACTIONS.has(type),
    );
    if (!rule) return;
    entry.fault = rule.action.type;
    await inject(rule.action, request, reply);
  }

  /**
   * @param {{ query: string, account: string }} job
   * @returns {string | null} why it fails
   */
  onJob({ query, account }) {
    const rule = this.#take({ account, subject: query }, (type) => JOB_ACTIONS.has(type));
    return rule?.action.type === 'job_fails'
      ? (rule.action.message ?? 'Query failed: injected failure')
      : null;
  }

  /**
   * @param {{ session: string, account: string, step: 'perform' | 'commit' }} at
   * @returns {import('./bulk-import.js').ImportFault | null}
   */
  onImport({ session, account, step }) {
    const wanted = step === 'commit' ? ['commit_fails'] : ['perform_fails', 'error_records'];
    const action = this.#take({ account, subject: session }, (type) => wanted.includes(type))?.action;
    if (action?.type === 'perform_fails') return { perform: action.message ?? 'injected failure' };
    if (action?.type === 'commit_fails') return { commit: 'injected failure' };
    if (action?.type === 'error_records') return { errorRecords: action.count };
    return null;
  }

  /**
   * The first rule that matches and whose turn it is.
   * @param {{ method?: string, site?: string, account: string | null, subject: string }} event
   * @param {(type: string) => boolean} fits
   */
  #take(event, fits) {
    for (const rule of this.#rules) {
      if (!fits(rule.action.type) || !matches(rule, event)) continue;
      rule.seen += 1;
      if (rule.seen <= (rule.skip ?? 0)) continue;
      const times = rule.times ?? 1;
      if (times >= 0 && rule.done >= times) continue;
      if (dice(rule) >= (rule.probability ?? 1)) continue;
      rule.done += 1;
      return rule;
    }
    return null;
  }
}

/**
 * @param {Rule} rule
 * @param {{ method?: string, site?: string, account: string | null, subject: string }} event
 */
function matches(rule, event) {
  if (rule.method && rule.method !== event.method) return false;
  if (rule.site && rule.site !== event.site) return false;
  if (rule.account && rule.account !== event.account) return false;
  return rule.path === undefined || new RegExp(rule.path).test(event.subject);
}

/**
 * @param {Armed} rule
 * @returns {number} 0 to 1, the same for the same seed and turn
 */
function dice(rule) {
  const hash = createHash('sha256')
    .update(`${rule.seed ?? 0}:${rule.id}:${rule.seen}`)
    .digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}

/**
 * @param {Action} action
 * @param {import('fastify').FastifyRequest} request
 * @param {import('fastify').FastifyReply} reply
 */
async function inject(action, request, reply) {
  const { raw: response } = reply;
  switch (action.type) {
    case 'status':
      if (action.carriedOut) return loseAnswer(response, (end) => answer(response, action, end));
      reply.hijack();
      request.raw.resume();
      return answer(response, action, (body) => response.end(body));
    case 'reset':
      if (action.carriedOut) return loseAnswer(response, () => request.raw.socket.resetAndDestroy());
      if (action.afterBytes === undefined) {
        reply.hijack();
        request.raw.socket.resetAndDestroy();
        return;
      }
      return filterBody(
        response,
        cutter(action.afterBytes, () => request.raw.socket.resetAndDestroy()),
      );
    case 'truncate':
      return filterBody(
        response,
        cutter(action.afterBytes, () => request.raw.socket.end()),
      );
    case 'corrupt':
      return filterBody(response, corrupter(action.atByte));
    case 'stall':
      return filterBody(response, staller(action.afterBytes ?? 0, action.ms));
    case 'delay':
      return new Promise((done) => setTimeout(done, action.ms).unref());
    case 'ignore_range':
      delete request.raw.headers.range;
      /** @type {any} */ (request).ignoreRange = true;
      return;
    case 'headers':
      return changeHeaders(response, action.headers);
    case 'patch':
      /** @type {any} */ (request).patch = action.set;
      return;
    case 'revoke_key': {
      const caller = /** @type {any} */ (request).caller;
      if (caller) caller.key.revoked = true;
      return;
    }
    default:
  }
}
