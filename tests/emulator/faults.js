import { createHash } from 'node:crypto';
import { inject } from './fault-actions.js';

/**
 * Failures on demand: rules that say which requests, jobs and imports fail, how often and in what way.
 *
 * @typedef {object} Rule
 * @property {string} [method] of the request
 * @property {string} [path] a regular expression over path and query; for jobs over the query, of a bulk import
 *   `LOAD DATA SESSION 'name' …`, of a job that brings rows elsewhere `EXPORT RESULT TO database.table`; for imports
 *   over the session's name
 * @property {string} [site]
 * @property {string} [account]
 * @property {number} [skip] matches that go well before the first failure
 * @property {number} [times] failures, 1 by default; -1 for ever
 * @property {number} [probability] of each match to fail, 1 by default
 * @property {number} [seed] of the dice
 * @property {Action} action
 *
 * @typedef {{ type: 'status', status: number, body?: 'json' | 'html' | 'empty', headers?: Record<string, string>,
 *     retryAfter?: { seconds: number, as?: 'seconds' | 'date' }, carriedOut?: boolean }
 *   | { type: 'refuse', ms: number }
 *   | { type: 'reset', afterBytes?: number, carriedOut?: boolean }
 *   | { type: 'truncate', afterBytes: number, lies?: boolean }
 *   | { type: 'corrupt', atByte: number }
 *   | { type: 'stall', ms: number, afterBytes?: number }
 *   | { type: 'delay', ms: number }
 *   | { type: 'ignore_range' }
 *   | { type: 'redirect', status: 302 | 303 | 307 | 308 }
 *   | { type: 'headers', headers: Record<string, string | null> }
 *   | { type: 'patch', set: Record<string, unknown> }
 *   | { type: 'revoke_key' }
 *   | { type: 'drop_table', account: string, database: string, table: string }
 *   | { type: 'drop_tables', account: string, database: string, tables: string }
 *   | { type: 'create_table', account: string, database: string, table: string, records?: Record<string, unknown>[] }
 *   | { type: 'job_fails', message?: string, late?: boolean }
 *   | { type: 'job_killed' }
 *   | { type: 'job_queued', ms: number }
 *   | { type: 'rows_lag', ms: number }
 *   | { type: 'perform_fails', message?: string }
 *   | { type: 'commit_fails' }
 *   | { type: 'count_lags', ms: number }
 *   | { type: 'error_records', count: number }} Action
 *
 * status: the answer is this instead, or with `carriedOut` the request is done and the answer lost. refuse: the site
 * takes no connections for so long, -1 until the faults are cleared. reset: the connection is cut before the answer,
 * after some bytes of it, or with `carriedOut` after the request was done. truncate: the answer ends well too early, by
 * the connection's end; with `lies` its Content-Length says that this was all. corrupt: one byte is flipped. stall: no
 * bytes for a while. ignore_range: 200 and everything. redirect: a job result is at another origin, which takes no key.
 * revoke_key: until the faults are cleared. headers: answers have these headers, or lack those that are null. patch: fields of a JSON answer are changed.
 * drop_table, create_table: somebody else does that just before the request; `$1` … are what `path` caught. drop_tables:
 * likewise, all whose names match. job_fails, job_killed: a query or import ends so, with `late` after it has done its
 * work. job_queued: it does not begin for so long, -1 until it is killed. rows_lag: a query's rows can be seen in the table
 * that they go to only so long after its end. commit_fails:
 * the session goes back to `ready`. count_lags: it is `committed` so long before its rows can be seen.
 *
 * @typedef {Rule & { id: number, seen: number, done: number }} Armed
 */

const JOB_ACTIONS = ['job_fails', 'job_killed', 'job_queued', 'rows_lag'];
const PERFORM_ACTIONS = ['perform_fails', 'error_records'];
const COMMIT_ACTIONS = ['commit_fails', 'count_lags'];
/** Longer than any test waits, and no more than a timer can. */
const FOR_EVER_MS = 2 ** 31 - 1;
const LATER = new Set([...JOB_ACTIONS, ...PERFORM_ACTIONS, ...COMMIT_ACTIONS]);

export class Faults {
  /** @type {Armed[]} */
  #rules = [];
  #nextId = 1;
  /** @type {(() => Promise<void>)[]} what has to be undone when the faults are cleared */
  #undo = [];

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

  /** Nothing fails any more; resolves when sites that refused connections are open again. */
  async clear() {
    this.#rules = [];
    const undo = this.#undo;
    this.#undo = [];
    await Promise.all(undo.map((one) => one()));
  }

  /**
   * @param {{ request: import('fastify').FastifyRequest, reply: import('fastify').FastifyReply, site: string,
   *   account: string | null, entry: import('./request-log.js').LogEntry,
   *   emulator: import('./emulator.js').Emulator }} at
   */
  async onRequest({ request, reply, site, account, entry, emulator }) {
    const { method, url } = request;
    const rule = this.#take({ method, site, account, subject: url }, (type) => !LATER.has(type));
    if (!rule) return;
    entry.fault = rule.action.type;
    const caught = rule.path === undefined ? [] : [...(url.match(new RegExp(rule.path)) ?? [])];
    await inject(rule.action, { request, reply, emulator, caught, undo: this.#undo });
  }

  /**
   * @param {{ query: string, account: string }} job
   * @returns {import('./jobs.js').JobFault}
   */
  onJob({ query, account }) {
    const action = this.#take({ account, subject: query }, (type) => JOB_ACTIONS.includes(type))?.action;
    if (action?.type === 'job_fails') {
      return { fails: action.message ?? 'Query failed: injected failure', isLate: action.late };
    }
    if (action?.type === 'job_killed') return { isKilled: true };
    if (action?.type === 'job_queued') return { queuedMs: action.ms < 0 ? FOR_EVER_MS : action.ms };
    if (action?.type === 'rows_lag') return { lagMs: action.ms };
    return {};
  }

  /**
   * @param {{ session: string, account: string, step: 'perform' | 'commit' }} at
   * @returns {import('./bulk-import.js').ImportFault}
   */
  onImport({ session, account, step }) {
    const wanted = step === 'commit' ? COMMIT_ACTIONS : PERFORM_ACTIONS;
    const action = this.#take({ account, subject: session }, (type) => wanted.includes(type))?.action;
    if (action?.type === 'perform_fails') return { perform: action.message ?? 'injected failure' };
    if (action?.type === 'error_records') return { errorRecords: action.count };
    if (action?.type === 'commit_fails') return { commit: 'injected failure' };
    if (action?.type === 'count_lags') return { lagMs: action.ms };
    return {};
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
