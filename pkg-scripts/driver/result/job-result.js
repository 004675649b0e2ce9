import { pMapIterable } from 'p-map';
import { errorCode, interrupted, PetitError } from '../errors.js';
import { runQuery } from '../td/job.js';
import { wasm } from '../wasm.js';
import { download } from './download.js';
import { fetchSmallResult } from './query.js';

/** @import { Limits } from '../run/options.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */
/** @import { FinishedJob } from '../td/job.js' */

/**
 * A slice of a table: the rows of one job.
 * @typedef {object} Slice
 * @property {string} sql the job's statement
 * @property {string} [countSql] counts the rows that it has written
 * @property {bigint} [rows] an estimate
 *
 * @typedef {object} Sliceable a table that may be split
 * @property {string} sql
 * @property {string} [countSql]
 * @property {bigint} [sliceRows] rows of a slice; default: one job for all
 * @property {string} [slicesSql] counts the rows by time
 * @property {boolean} [hasCondition] whether `sql` ends in a condition
 */

/**
 * Splits a table by the rows that it has now. Together the slices select the whole table, with rows that are added later.
 * @param {TdClient} td
 * @param {string} database
 * @param {Sliceable} table
 * @param {CallContext} calls
 * @returns {Promise<Slice[]>}
 */
export async function listSlices(td, database, table, calls) {
  const { sql, countSql, sliceRows, slicesSql, hasCondition = false } = table;
  if (!sliceRows || !slicesSql) return [{ sql, countSql }];
  const counts = await fetchSmallResult(td, database, slicesSql, calls);
  return wasm.cutByTime(counts, sliceRows, { sql, countSql, hasCondition });
}

/** What a reader of a result needs.
 * @typedef {Pick<JobResult, 'jobs' | 'numRecords' | 'promisedRows' | 'resultSize' | 'first' | 'chunks' | 'close'>} Result */

/**
 * The result of a finished job.
 * @param {TdClient} td
 * @param {FinishedJob} job
 * @param {{ limits: Pick<Limits, 'ranges'>, calls: CallContext }} options
 * @returns {Result}
 */
export const finishedJobResult = (td, job, { limits, calls }) => ({
  jobs: [job],
  numRecords: job.numRecords,
  promisedRows: job.numRecords,
  resultSize: job.resultSize,
  first: async () => job,
  chunks: () => download(td, job, { ranges: limits.ranges, calls }),
  close: async () => {},
});

/**
 * The results of a table's slices as one stream of gzip members. The jobs run ahead of the download, some at a time. The
 * job of one of several slices is run again if it fails.
 */
export class JobResult {
  /** @type {FinishedJob[]} in order, as far as their results were requested */
  jobs = [];
  #td;
  #database;
  #slices;
  #limits;
  #estimatedBytes;
  #siblings = new AbortController();
  #calls;
  /** @type {Set<Promise<FinishedJob>>} */
  #running = new Set();
  #finished;

  /**
   * @param {{ td: TdClient, database: string, slices: Slice[], bytes?: bigint }} source `bytes`: an estimate for all results
   * @param {{ limits: Pick<Limits, 'jobs' | 'ranges'>, calls: CallContext }} options
   */
  constructor({ td, database, slices, bytes = 0n }, { limits, calls }) {
    this.#td = td;
    this.#database = database;
    this.#slices = slices;
    this.#limits = limits;
    this.#estimatedBytes = bytes;
    const { signal } = this.#siblings;
    this.#calls = { ...calls, signal: calls.signal ? AbortSignal.any([calls.signal, signal]) : signal };
    this.#finished = pMapIterable(slices, (slice) => this.#run(slice), {
      concurrency: limits.jobs,
      backpressure: limits.jobs,
    })[Symbol.asyncIterator]();
  }

  /** Rows of all results; undefined before the last job has ended. */
  get numRecords() {
    return this.#sum(({ numRecords }) => numRecords);
  }

  /** Rows of the results that were requested so far, if their jobs know them. */
  get promisedRows() {
    return sumOf(this.jobs, ({ numRecords }) => numRecords);
  }

  /** Bytes of all results; undefined before the last job has ended. */
  get resultSize() {
    return this.#sum(({ resultSize }) => resultSize);
  }

  /** Bytes of all results, estimated until they are known. */
  get expectedBytes() {
    return this.resultSize ?? this.#estimatedBytes;
  }

  /**
   * The job of the first slice, when it has ended.
   * @returns {Promise<FinishedJob>}
   */
  async first() {
    const [known] = this.jobs;
    return known ?? this.#next();
  }

  /**
   * The bytes of all results, in order.
   * @returns {AsyncGenerator<Uint8Array, void>}
   */
  async *chunks() {
    const first = await this.first();
    for (let done = 0; done < this.#slices.length; done += 1) {
      const job = done === 0 ? first : await this.#next();
      if (job.schema !== first.schema) {
        throw new PetitError('result_changed', 'the table’s columns changed between two of its slices', {
          job: job.jobId,
        });
      }
      yield* download(this.#td, job, { ranges: this.#limits.ranges, calls: this.#calls });
    }
  }

  /** Aborts the jobs that are still running, and waits until they are killed. */
  async close() {
    this.#siblings.abort(interrupted('the table has failed'));
    await Promise.allSettled(this.#running);
  }

  async #next() {
    const { value } = await this.#finished.next();
    this.jobs.push(value);
    return value;
  }

  /** @param {Slice} slice */
  #run(slice) {
    const job = this.#runAndRetry(slice);
    this.#running.add(job);
    const forget = () => this.#running.delete(job);
    job.then(forget, forget);
    return job;
  }

  /**
   * @param {Slice} slice
   * @returns {Promise<FinishedJob>}
   */
  async #runAndRetry({ sql }) {
    const kind = { isSliced: this.#slices.length > 1, writes: false, canCount: false };
    for (let jobs = 1; ; jobs += 1) {
      try {
        return await runQuery(this.#td, { database: this.#database, sql }, this.#calls);
      } catch (error) {
        const failure = String(errorCode(error));
        if (wasm.nextCopyStep({ jobs, failure }, kind).step !== 'run') throw error;
      }
    }
  }

  /**
   * @param {(job: FinishedJob) => bigint | undefined} amountOf
   * @returns {bigint | undefined}
   */
  #sum(amountOf) {
    return this.jobs.length < this.#slices.length ? undefined : sumOf(this.jobs, amountOf);
  }
}

/**
 * @param {FinishedJob[]} jobs
 * @param {(job: FinishedJob) => bigint | undefined} amountOf
 * @returns {bigint | undefined} undefined if a job does not know its amount
 */
function sumOf(jobs, amountOf) {
  return jobs.reduce((/** @type {bigint | undefined} */ sum, job) => {
    const amount = amountOf(job);
    return sum === undefined || amount === undefined ? undefined : sum + amount;
  }, 0n);
}
