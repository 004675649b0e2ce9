import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, noJob } from './errors.js';
import { utc } from './table.js';

/**
 * @typedef {'queued' | 'booting' | 'running' | 'success' | 'error' | 'killed'} Status
 * @typedef {object} Delays milliseconds that a job stays in each state beyond what its work takes
 * @property {number} queued
 * @property {number} booting
 * @property {number} running before the work
 * @property {number} final after the work
 *
 * @typedef {object} JobSettings
 * @property {Delays} delays
 * @property {number} jobSlots jobs that run at a time, others stay queued; 0: as many as there are
 *
 * @typedef {object} Outcome
 * @property {import('./results.js').Spool | null} result null where there is none: INSERT, CREATE …
 * @property {number | null} numRecords
 * @property {string | null} schema hive_result_schema
 * @property {number | null} inserted rows written by INSERT or CREATE TABLE AS
 * @property {string} [log] what debug.cmdout shows
 *
 * @typedef {object} Order what a job is asked to do
 * @property {string} type presto, hive, bulk_import_perform …
 * @property {string} database
 * @property {string | null} query
 * @property {number} [priority]
 * @property {number} [retryLimit]
 * @property {string} [resultUrl]
 * @property {string} [domainKey]
 * @property {string} userName
 */

/**
 * What goes wrong with a job, `isLate` after its work; how long it is queued for that, and its rows lag behind its end.
 * @typedef {{ fails?: string, isLate?: boolean, isKilled?: boolean, queuedMs?: number, lagMs?: number }} JobFault
 */

const FINAL = new Set(['success', 'error', 'killed']);

/** A job: TD's record of one run. */
export class Job {
  /** @type {Status} */
  status = 'queued';
  createdAt = new Date();
  updatedAt = this.createdAt;
  /** @type {Date | null} */
  startAt = null;
  /** @type {Date | null} */
  endAt = null;
  /** @type {Outcome | null} */
  outcome = null;
  cmdout = '';
  stderr = '';
  /** @type {Job | undefined} the job that puts its rows where `result` says, if that is another */
  exportJob;
  /** @type {Job | undefined} the job whose rows it puts there */
  exported;
  /** How long what it has written lags behind its end, in milliseconds. */
  lagMs = 0;
  controller = new AbortController();
  /** @type {Promise<void>} its status is final */
  ended = Promise.resolve();
  /** @type {Promise<void>} and what follows from that is done, too */
  done = Promise.resolve();

  /**
   * @param {string} id
   * @param {Order} order
   */
  constructor(id, order) {
    this.id = id;
    this.order = order;
  }

  get isFinal() {
    return FINAL.has(this.status);
  }

  /** @param {Status} status */
  enter(status) {
    this.status = status;
    this.updatedAt = new Date();
    if (status === 'running') this.startAt = this.updatedAt;
    if (FINAL.has(status)) this.endAt = this.updatedAt;
  }

  /** What job/status tells. */
  toStatus() {
    const milliseconds = this.startAt && this.endAt ? this.endAt.getTime() - this.startAt.getTime() : null;
    return {
      job_id: this.id,
      status: this.status,
      cpu_time: milliseconds,
      created_at: utc(this.createdAt),
      updated_at: utc(this.updatedAt),
      start_at: this.startAt ? utc(this.startAt) : '',
      end_at: this.endAt ? utc(this.endAt) : '',
      duration: milliseconds === null ? null : Math.ceil(milliseconds / 1000),
      num_records: this.outcome?.numRecords ?? null,
      result_size: this.isFinal ? (this.outcome?.result?.size ?? 0) : null,
    };
  }

  /**
   * What job/show tells; job/list leaves out `debug`.
   * @param {string} baseUrl
   */
  toShow(baseUrl) {
    const { type, database, query, priority, retryLimit, resultUrl, userName } = this.order;
    return {
      ...this.toStatus(),
      type,
      database,
      query,
      url: `${baseUrl}/app/jobs/${this.id}`,
      user_name: userName,
      hive_result_schema: this.outcome?.schema ?? null,
      result: resultUrl ?? '',
      priority: priority ?? 0,
      retry_limit: retryLimit ?? 0,
      organization: null,
      linked_result_export_job_id: this.exportJob ? Number(this.exportJob.id) : null,
      result_export_target_job_id: this.exported ? Number(this.exported.id) : null,
    };
  }
}

/** The jobs of one account. */
export class Jobs {
  /** @type {Map<string, Job>} */
  jobs = new Map();
  /** @type {Map<string, string>} job ids by domain key */
  domainKeys = new Map();
  #busy = 0;
  /** @type {Set<() => void>} those who wait for a slot, in order */
  #waiting = new Set();

  /**
   * @param {JobSettings} settings read anew for each job
   * @param {() => string} nextId ids are unique over all accounts
   * @param {() => Promise<void>} afterEach
   * @param {(order: Order) => JobFault} fault
   */
  constructor(settings, nextId, afterEach, fault) {
    this.settings = settings;
    this.nextId = nextId;
    this.afterEach = afterEach;
    this.fault = fault;
  }

  /**
   * @param {string} id
   * @returns {Job}
   * @throws {ApiError} 404
   */
  get(id) {
    const job = this.jobs.get(id);
    if (!job) throw noJob(id);
    return job;
  }

  /**
   * Starts a job; it runs on its own.
   * @param {Order} order
   * @param {(signal: AbortSignal, job: Job) => Promise<Outcome>} work
   * @returns {Job}
   * @throws {ApiError} 409 with `conflicts_with` for a domain key that was used before
   */
  start(order, work) {
    const earlier = order.domainKey && this.domainKeys.get(order.domainKey);
    if (earlier) {
      const details = { conflicts_with: earlier };
      throw new ApiError(409, `Domain key has already been taken by job ${earlier}`, details);
    }
    const job = new Job(this.nextId(), order);
    if (order.domainKey) this.domainKeys.set(order.domainKey, job.id);
    this.jobs.set(job.id, job);
    job.ended = this.#run(job, work);
    job.done = job.ended.then(this.afterEach);
    return job;
  }

  /** Ids of jobs that are not over. */
  get running() {
    return [...this.jobs.values()].filter((job) => !job.isFinal);
  }

  /**
   * @param {Job} job
   * @param {(signal: AbortSignal, job: Job) => Promise<Outcome>} work
   */
  async #run(job, work) {
    const { signal } = job.controller;
    const { queued, booting, running, final } = this.settings.delays;
    const { fails, isLate = false, isKilled, queuedMs = 0, lagMs = 0 } = this.fault(job.order);
    job.lagMs = lagMs;
    let slot = false;
    try {
      await pause(queued + queuedMs, signal);
      await this.#takeSlot(signal);
      slot = true;
      job.enter('booting');
      await pause(booting, signal);
      job.enter('running');
      await pause(running, signal);
      if (fails && !isLate) throw new Error(fails);
      if (isKilled) job.controller.abort(new Error('killed by an administrator'));
      signal.throwIfAborted();
      const outcome = await work(signal, job);
      if (fails) throw new Error(fails);
      job.cmdout = outcome.log ?? '';
      await pause(final, signal);
      job.outcome = outcome;
      job.enter('success');
    } catch (error) {
      job.stderr = error instanceof Error ? error.message : String(error);
      job.enter(signal.aborted ? 'killed' : 'error');
    } finally {
      if (slot) this.#freeSlot();
    }
  }

  /** @param {AbortSignal} signal */
  async #takeSlot(signal) {
    const isFree = () => this.settings.jobSlots === 0 || this.#busy < this.settings.jobSlots;
    while (!isFree()) {
      await new Promise((resolve, reject) => {
        const wake = () => {
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          if (signal.aborted) reject(signal.reason);
          else resolve(undefined);
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
    this.#busy += 1;
  }

  #freeSlot() {
    this.#busy -= 1;
    for (const wake of this.#waiting) {
      wake();
      return;
    }
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
async function pause(milliseconds, signal) {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal });
  signal.throwIfAborted();
}
