import { ApiError, noJob } from './errors.js';
import { utc } from './table.js';

/**
 * @typedef {'queued' | 'booting' | 'running' | 'success' | 'error' | 'killed'} Status
 * @typedef {object} Delays in milliseconds, in addition to the job's work
 * @property {number} queued
 * @property {number} booting
 * @property {number} running before the work starts
 * @property {number} final after the work has ended
 *
 * @typedef {object} JobSettings
 * @property {Delays} delays
 * @property {number} jobSlots maximum number of running jobs, others stay queued; 0: no limit
 *
 * @typedef {object} Outcome
 * @property {import('./results.js').Spool | null} result null for statements without rows: INSERT, CREATE …
 * @property {number | null} numRecords
 * @property {string | null} schema hive_result_schema
 * @property {number | null} inserted rows written by INSERT or CREATE TABLE AS
 * @property {string} [log] for debug.cmdout
 *
 * @typedef {object} JobRequest
 * @property {string} type such as presto, hive or bulk_import_perform
 * @property {string} database
 * @property {string | null} query
 * @property {number} [priority]
 * @property {number} [retryLimit]
 * @property {string} [resultUrl]
 * @property {string} [domainKey]
 * @property {string} userName
 */

/**
 * A fault of a job: its error (`isLate`: after its work), a kill, a longer wait in the queue, or rows that are visible
 * only some time after its end.
 * @typedef {{ fails?: string, isLate?: boolean, isKilled?: boolean, queuedMs?: number, lagMs?: number }} JobFault
 */

const FINAL = new Set(['success', 'error', 'killed']);

/** A job of TD. */
export class Job {
  /** @type {Status} */
  status = 'queued';
  /** @type {Date | null} */
  startAt = null;
  /** @type {Date | null} */
  endAt = null;
  /** @type {Outcome | null} */
  outcome = null;
  cmdout = '';
  stderr = '';
  /** @type {Job | undefined} the separate job that writes the rows to the `result` target, if any */
  exportJob;
  /** @type {Job | undefined} the job whose rows this job writes */
  exported;
  /** The delay until written rows are visible, in milliseconds. */
  lagMs = 0;
  controller = new AbortController();
  /** @type {Promise<void>} resolves when the status is final */
  ended = Promise.resolve();
  /** @type {Promise<void>} resolves after the clean-up that follows the end */
  done = Promise.resolve();

  /**
   * @param {string} id
   * @param {JobRequest} request
   * @param {import('./clock.js').Clock} clock
   */
  constructor(id, request, clock) {
    this.id = id;
    this.request = request;
    this.clock = clock;
    this.createdAt = clock.date();
    this.updatedAt = this.createdAt;
  }

  get isFinal() {
    return FINAL.has(this.status);
  }

  /** @param {Status} status */
  setStatus(status) {
    this.status = status;
    this.updatedAt = this.clock.date();
    if (status === 'running') this.startAt = this.updatedAt;
    if (FINAL.has(status)) this.endAt = this.updatedAt;
  }

  /** The response of job/status. */
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
   * The response of job/show, except for `debug`; an entry of job/list.
   * @param {string} baseUrl
   */
  toShow(baseUrl) {
    const { type, database, query, priority, retryLimit, resultUrl, userName } = this.request;
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
  #runningJobs = 0;
  /** @type {Set<() => void>} wake functions of jobs that wait for a slot, in order */
  #waitingForSlot = new Set();

  /**
   * @param {JobSettings} settings read again for each job
   * @param {() => string} nextId ids are unique over all accounts
   * @param {() => Promise<void>} afterEach
   * @param {(request: JobRequest) => JobFault} fault
   * @param {import('./clock.js').Clock} clock
   */
  constructor(settings, nextId, afterEach, fault, clock) {
    this.settings = settings;
    this.nextId = nextId;
    this.afterEach = afterEach;
    this.fault = fault;
    this.clock = clock;
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
   * Starts a job. It runs in the background.
   * @param {JobRequest} request
   * @param {(signal: AbortSignal, job: Job) => Promise<Outcome>} work
   * @returns {Job}
   * @throws {ApiError} 409 with `conflicts_with` if the domain key was used before
   */
  start(request, work) {
    const earlier = request.domainKey && this.domainKeys.get(request.domainKey);
    if (earlier) {
      const details = { conflicts_with: earlier };
      throw new ApiError(409, `Domain key has already been taken by job ${earlier}`, details);
    }
    const job = new Job(this.nextId(), request, this.clock);
    if (request.domainKey) this.domainKeys.set(request.domainKey, job.id);
    this.jobs.set(job.id, job);
    job.ended = this.#run(job, work);
    job.done = job.ended.then(this.afterEach);
    return job;
  }

  /** The jobs that have not ended. */
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
    const { fails, isLate = false, isKilled, queuedMs = 0, lagMs = 0 } = this.fault(job.request);
    job.lagMs = lagMs;
    let hasSlot = false;
    try {
      await this.#pause(queued + queuedMs, signal);
      await this.#acquireSlot(signal);
      hasSlot = true;
      job.setStatus('booting');
      await this.#pause(booting, signal);
      job.setStatus('running');
      await this.#pause(running, signal);
      if (fails && !isLate) throw new Error(fails);
      if (isKilled) job.controller.abort(new Error('killed by an administrator'));
      signal.throwIfAborted();
      const outcome = await work(signal, job);
      if (fails) throw new Error(fails);
      job.cmdout = outcome.log ?? '';
      await this.#pause(final, signal);
      job.outcome = outcome;
      job.setStatus('success');
    } catch (error) {
      job.stderr = error instanceof Error ? error.message : String(error);
      job.setStatus(signal.aborted ? 'killed' : 'error');
    } finally {
      if (hasSlot) this.#releaseSlot();
    }
  }

  /**
   * @param {number} milliseconds
   * @param {AbortSignal} signal
   */
  async #pause(milliseconds, signal) {
    if (milliseconds > 0) await this.clock.sleep(milliseconds, signal);
    signal.throwIfAborted();
  }

  /** @param {AbortSignal} signal */
  async #acquireSlot(signal) {
    const isFree = () => this.settings.jobSlots === 0 || this.#runningJobs < this.settings.jobSlots;
    while (!isFree()) {
      await new Promise((resolve, reject) => {
        const wake = () => {
          this.#waitingForSlot.delete(wake);
          signal.removeEventListener('abort', wake);
          if (signal.aborted) reject(signal.reason);
          else resolve(undefined);
        };
        this.#waitingForSlot.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
    this.#runningJobs += 1;
  }

  #releaseSlot() {
    this.#runningJobs -= 1;
    for (const wake of this.#waitingForSlot) {
      wake();
      return;
    }
  }
}
