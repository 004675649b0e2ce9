import { createHash } from 'node:crypto';
import { inject } from './fault-actions.js';

/**
 * Fault injection. A rule says which requests, jobs or imports fail, how often, and how.
 *
 * @typedef {object} Rule
 * @property {string} [method] of the request
 * @property {string} [path] a regular expression. For requests, it is matched against the path and query string; for jobs,
 *   against the SQL, `LOAD DATA SESSION 'name' …` of a bulk import or `EXPORT RESULT TO database.table` of a result
 *   export; for imports, against the session's name
 * @property {string} [site]
 * @property {string} [account]
 * @property {number} [skip] matches that succeed before the first failure; default 0
 * @property {number} [times] number of failures; default 1, -1 for no limit
 * @property {number} [probability] that a match fails, from 0 to 1; default 1
 * @property {number} [seed] of the random numbers for `probability`; default 0
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
 * - status: the response has this status. With `carriedOut`, the handler runs and its response is lost.
 * - refuse: the site refuses connections for `ms` milliseconds; -1: until the faults are cleared.
 * - reset: the connection is reset before the response or after `afterBytes` bytes of it. With `carriedOut`, it is reset
 *   after the handler has run.
 * - truncate: the connection ends normally after `afterBytes` bytes. With `lies`, Content-Length is that number.
 * - corrupt: one byte is inverted.
 * - stall: no bytes are sent for a while.
 * - delay: the request is handled later.
 * - ignore_range: a range request is answered with 200 and the whole body.
 * - redirect: a job result is redirected to another origin, which rejects API keys.
 * - headers: sets response headers; null removes one.
 * - patch: sets fields of a JSON response.
 * - revoke_key: the key is invalid until the faults are cleared.
 * - drop_table, drop_tables, create_table: another user changes tables just before the request. `$1` … are the groups of
 *   `path`; `tables` is a regular expression.
 * - job_fails, job_killed: a query or import job ends this way; with `late`, after it has done its work.
 * - job_queued: a job stays queued for `ms` milliseconds; -1: until it is killed.
 * - rows_lag: rows that a query writes are visible `ms` milliseconds after the job's end.
 * - perform_fails: the perform job of a bulk import fails. error_records: it reports this many error records.
 * - commit_fails: the session returns to `ready`.
 * - count_lags: the session is `committed` `ms` milliseconds before its rows are visible.
 *
 * @typedef {Rule & { id: number, seen: number, done: number }} ActiveRule `seen` and `done` count matches and failures
 */

const JOB_ACTIONS = ['job_fails', 'job_killed', 'job_queued', 'rows_lag'];
const PERFORM_ACTIONS = ['perform_fails', 'error_records'];
const COMMIT_ACTIONS = ['commit_fails', 'count_lags'];
/** The longest delay of a timer, which is longer than any test. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Actions that do not apply to requests. */
const BACKGROUND_ACTIONS = new Set([...JOB_ACTIONS, ...PERFORM_ACTIONS, ...COMMIT_ACTIONS]);

export class Faults {
  /** @type {ActiveRule[]} */
  #rules = [];
  #nextId = 1;
  /** @type {(() => Promise<void>)[]} functions that restore the state when the faults are cleared */
  #undo = [];

  /**
   * @param {Rule} rule
   * @returns {number} its id
   */
  add(rule) {
    const active = { ...rule, id: this.#nextId++, seen: 0, done: 0 };
    this.#rules.push(active);
    return active.id;
  }

  list() {
    return [...this.#rules];
  }

  /** Removes all rules. Resolves after sites that refused connections are open again. */
  async clear() {
    this.#rules = [];
    const undo = this.#undo;
    this.#undo = [];
    await Promise.all(undo.map((restore) => restore()));
  }

  /**
   * @param {{ request: import('fastify').FastifyRequest, reply: import('fastify').FastifyReply, site: string,
   *   account: string | null, entry: import('./request-log.js').LogEntry,
   *   emulator: import('./emulator.js').Emulator }} target
   */
  async onRequest({ request, reply, site, account, entry, emulator }) {
    const { method, url } = request;
    const rule = this.#nextMatch(
      { method, site, account, subject: url },
      (type) => !BACKGROUND_ACTIONS.has(type),
    );
    if (!rule) return;
    entry.fault = rule.action.type;
    const captures = rule.path === undefined ? [] : [...(url.match(new RegExp(rule.path)) ?? [])];
    await inject(rule.action, { request, reply, emulator, captures, undo: this.#undo });
  }

  /**
   * @param {{ query: string, account: string }} job
   * @returns {import('./jobs.js').JobFault}
   */
  onJob({ query, account }) {
    const action = this.#nextMatch({ account, subject: query }, (type) => JOB_ACTIONS.includes(type))?.action;
    if (action?.type === 'job_fails') {
      return { fails: action.message ?? 'Query failed: injected failure', isLate: action.late };
    }
    if (action?.type === 'job_killed') return { isKilled: true };
    if (action?.type === 'job_queued') return { queuedMs: action.ms < 0 ? MAX_TIMER_MS : action.ms };
    if (action?.type === 'rows_lag') return { lagMs: action.ms };
    return {};
  }

  /**
   * @param {{ session: string, account: string, step: 'perform' | 'commit' }} target
   * @returns {import('./bulk-import.js').ImportFault}
   */
  onImport({ session, account, step }) {
    const actions = step === 'commit' ? COMMIT_ACTIONS : PERFORM_ACTIONS;
    const action = this.#nextMatch({ account, subject: session }, (type) => actions.includes(type))?.action;
    if (action?.type === 'perform_fails') return { perform: action.message ?? 'injected failure' };
    if (action?.type === 'error_records') return { errorRecords: action.count };
    if (action?.type === 'commit_fails') return { commit: 'injected failure' };
    if (action?.type === 'count_lags') return { lagMs: action.ms };
    return {};
  }

  /**
   * Counts a match, and returns the first rule that fails this time.
   * @param {{ method?: string, site?: string, account: string | null, subject: string }} event
   * @param {(type: string) => boolean} isApplicable
   */
  #nextMatch(event, isApplicable) {
    for (const rule of this.#rules) {
      if (!isApplicable(rule.action.type) || !matches(rule, event)) continue;
      rule.seen += 1;
      if (rule.seen <= (rule.skip ?? 0)) continue;
      const times = rule.times ?? 1;
      if (times >= 0 && rule.done >= times) continue;
      if (randomFraction(rule) >= (rule.probability ?? 1)) continue;
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
 * @param {ActiveRule} rule
 * @returns {number} from 0 to 1, the same for the same seed, rule and match
 */
function randomFraction(rule) {
  const hash = createHash('sha256')
    .update(`${rule.seed ?? 0}:${rule.id}:${rule.seen}`)
    .digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}
