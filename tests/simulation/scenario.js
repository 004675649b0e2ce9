import { Random } from '../support/random.js';

/**
 * What happens in a simulation, drawn from its seed.
 *
 * @typedef {import('./network.js').Fate} Fate
 * @typedef {import('./network.js').Failure} Failure
 * @typedef {import('./network.js').Message} Message
 */

/** When faults end, at the latest, in milliseconds. */
const MAX_FAULTY_MS = 600_000;
/** How late a request may arrive, in milliseconds. */
const MAX_LATE_MS = 900_000;
/** How long a listing may lag, in milliseconds: see LAG_MS in src/td/publish.rs. */
const MAX_LAG_MS = 5_000;

/** Requests that may be sent again after they were answered: the others create what a name stands for. */
const REPEATED_LATE = /^\/v3\/(table\/(rename|delete)|bulk_import\/(delete|perform|commit|freeze))/;
/** Requests that decide about a publish. */
const DECISIVE = /^\/v3\/table\/(rename|delete|create|list|show)\/copy/;
/** Requests that a proxy may answer with 404. */
const DENIED = /^\/v3\/table\/(rename|delete|list)\//;
/** Answers that may lag behind a change. */
const LAGGING = /^\/v3\/table\/(list|show)\/copy/;

/** @param {number} seed */
export function drawScenario(seed) {
  const random = new Random(seed * 7919 + 13);
  const renamedId = random.choose(/** @type {const} */ (['kept', 'kept', 'new', 'target']));
  const via = random.choose(/** @type {const} */ (['client', 'client', 'insert-select', 'result-output']));
  const old = random.choose(/** @type {const} */ (['none', 'none', 'other', 'as_many', 'equal']));
  const tables = random.chance(0.3) ? ['orders', 'visits'] : ['orders'];
  const others = drawOthers(random);
  const alone = !others.some(({ kind }) => kind === 'clone');
  const verify = random.choose(/** @type {const} */ (['count', 'count', 'full', 'none']));
  return {
    ...{ seed, random, renamedId, via, old, tables, verify },
    hasDatabase: old !== 'none' || random.chance(0.7),
    overwrite: old !== 'none' || random.chance(0.5),
    rows: random.choose([0, 1, 7, 40]),
    isSplit: random.chance(0.2),
    retryTimeoutMs: random.choose([2_000, 20_000, 120_000]),
    idleTimeoutMs: random.choose([5_000, 60_000]),
    countLagMs: random.choose([0, 0, 3_000, 60_000]),
    commitDelayMs: random.choose([0, 0, 500, 6_000]),
    delays: {
      ...{ queued: random.choose([0, 0, 2_000]), booting: 0 },
      ...{ running: random.choose([0, 0, 100, 1_000, 30_000]), final: random.choose([0, 0, 3_000]) },
    },
    others,
    knowsProcesses: random.chance(0.3),
    stop: drawStop(random),
    /** When somebody deletes a staging table. Where ids tell nothing, nobody may do so while another run publishes. */
    personMs: random.chance(0.15) && (alone || renamedId === 'kept') ? random.below(60_000) : undefined,
  };
}

/** @typedef {ReturnType<typeof drawScenario>} Scenario */

/** Other clients beside the first one. @param {Random} random */
function drawOthers(random) {
  const kinds = random.choose([
    [],
    [],
    ['clone'],
    ['clone'],
    ['clone', 'clone'],
    ['cleanup'],
    ['clone', 'cleanup'],
  ]);
  return kinds.map((kind) => ({
    kind,
    startMs: random.chance(0.3) ? 0 : random.below(random.choose([2_000, 60_000, 500_000])),
  }));
}

/** What stops the first client. @param {Random} random */
function drawStop(random) {
  if (random.chance(0.6)) return undefined;
  const kind = random.choose(/** @type {const} */ (['kill', 'kill', 'abort']));
  return { kind, afterRequests: 1 + random.below(45), delayMs: random.below(random.choose([5, 1_000])) };
}

/** Decides what becomes of each request, and of each job. */
export class Faults {
  #random;
  #rate;
  #decisiveRate;
  #scenario;
  #endMs;
  /** The time until which every request is lost, or carried out without an answer. @type {{ endMs: number, kind: 'lost' | 'no_answer' }} */
  #outage = { endMs: 0, kind: 'lost' };
  #outageRate;
  /** Faults so far. */
  count = 0;

  /**
   * @param {Scenario} scenario
   * @param {import('./clock.js').VirtualClock} clock
   */
  constructor(scenario, clock) {
    const { random } = scenario;
    this.#scenario = scenario;
    this.#random = random;
    this.clock = clock;
    this.#rate = random.choose([0, 0, 0.01, 0.05]);
    this.#decisiveRate = random.choose([0, 0.1, 0.3, 0.6]);
    this.#outageRate = random.choose([0, 0, 0.1, 0.5]);
    this.jobRate = random.choose([0, 0, 0.05, 0.2]);
    this.#endMs = random.choose([30_000, MAX_FAULTY_MS]);
  }

  get endMs() {
    return this.#endMs;
  }

  /** From now on there are none. */
  end() {
    this.#endMs = this.clock.ms;
  }

  get areOver() {
    return this.clock.ms >= this.#endMs;
  }

  /** @param {Message} message @returns {Fate} */
  decide(message) {
    const latency = { thereMs: 1 + this.#random.below(40), backMs: 1 + this.#random.below(40) };
    if (this.areOver) return { kind: 'answered', ...latency };
    const isDecisive = DECISIVE.test(message.path);
    if (this.clock.ms < this.#outage.endMs) {
      this.count += 1;
      return { kind: this.#outage.kind, failure: this.#failure(), ...latency };
    }
    if (!this.#random.chance(isDecisive ? Math.max(this.#decisiveRate, this.#rate) : this.#rate)) {
      return { kind: 'answered', ...latency };
    }
    this.count += 1;
    if (isDecisive && this.#random.chance(this.#outageRate)) {
      const kind = this.#random.choose(/** @type {const} */ (['lost', 'no_answer']));
      this.#outage = { endMs: this.clock.ms + this.#random.below(90_000), kind };
    }
    return { ...this.#fault(message), ...latency };
  }

  /** @param {Message} message */
  #fault({ method, path }) {
    const kinds = ['lost', 'no_answer', 'by_proxy', 'cut'];
    if (method !== 'GET') kinds.push('late', 'late', 'twice');
    if (REPEATED_LATE.test(path)) kinds.push('again_later');
    if (DENIED.test(path)) kinds.push('denied');
    if (LAGGING.test(path)) kinds.push('stale', 'stale', 'stale');
    const lateMs = this.#random.below(this.#random.choose([100, 10_000, MAX_LATE_MS]));
    const kind = this.#random.choose(kinds);
    switch (kind) {
      case 'late':
        return { kind, lateMs, failure: this.#failure() };
      case 'again_later':
        return { kind, lateMs };
      case 'stale':
        return { kind, lagMs: this.#random.below(MAX_LAG_MS) };
      case 'by_proxy':
        return {
          kind,
          status: this.#random.choose([429, 500, 502, 503, 504]),
          retryAfter: this.#retryAfter(),
        };
      case 'denied':
        return { kind: /** @type {const} */ ('by_proxy'), status: 404 };
      case 'twice':
      case 'cut':
        return { kind };
      default:
        return { kind: /** @type {'lost'} */ (kind), failure: this.#failure() };
    }
  }

  #retryAfter() {
    return this.#random.chance(0.2) ? this.#random.below(10) : undefined;
  }

  /** @returns {Failure} */
  #failure() {
    return this.#random.choose(/** @type {const} */ (['reset', 'silence', 500, 502, 504]));
  }

  /** @returns {import('../emulator/jobs.js').JobFault} */
  onJob(/** @type {string} */ query) {
    if (this.areOver || !this.#random.chance(this.jobRate)) return {};
    this.count += 1;
    const canLag = this.#scenario.verify !== 'none';
    const fault = this.#random.choose([
      'fails',
      'fails late',
      'killed',
      'queued',
      canLag ? 'lags' : 'queued',
    ]);
    switch (fault) {
      case 'fails':
        return { fails: 'Query failed: out of memory' };
      case 'fails late':
        return { fails: 'Query failed: worker lost', isLate: true };
      case 'killed':
        return { isKilled: true };
      case 'lags':
        return /^(INSERT|--)/.test(query) ? { lagMs: this.#random.below(5_000) } : {};
      default:
        return { queuedMs: this.#random.below(60_000) };
    }
  }

  /** @type {import('../emulator/bulk-import.js').ImportSettings['fault']} */
  onImport = (_session, step) => {
    if (this.areOver || !this.#random.chance(this.jobRate)) return {};
    this.count += 1;
    if (step === 'perform') return this.#random.chance(0.5) ? { perform: 'no disk' } : { errorRecords: 1 };
    const canLag = this.#scenario.verify !== 'none';
    return this.#random.chance(0.6) || !canLag ? { commit: 'no luck' } : { lagMs: this.#random.below(5_000) };
  };
}
