import { pMapIterable } from 'p-map';
import { interrupted, PetitError } from '../errors.js';
import { smallResult } from '../td/idempotent.js';
import { runQuery } from '../td/job.js';
import { download } from './download.js';

/** @import { FinishedJob } from '../td/job.js' */
/** @import { Run, TreasureData } from '../td/client.js' */
/** @import { Wasm } from '../wasm.js' */

/** How often the job of a slice is run before its table is given up. */
export const SLICE_TRIES = 3;

/**
 * A slice of a table: what one job moves.
 * @typedef {object} Slice
 * @property {string} sql the job's statement
 * @property {string} [countSql] counts what it has written
 * @property {bigint} [rows] about as many
 *
 * @typedef {object} Sliceable a table that may be cut
 * @property {string} sql
 * @property {string} [countSql]
 * @property {bigint} [sliceRows] rows of a slice; none: one job for all
 * @property {string} [slicesSql] counts the rows by time
 * @property {boolean} [hasCondition] whether `sql` ends in a condition
 */

/**
 * A table's slices, by what it holds now; together they are the whole table, whatever comes later.
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {string} database
 * @param {Sliceable} table
 * @param {Run} run
 * @returns {Promise<Slice[]>}
 */
export async function slicesOf(wasm, td, database, table, run) {
  const { sql, countSql, sliceRows, slicesSql, hasCondition = false } = table;
  if (!sliceRows || !slicesSql) return [{ sql, countSql }];
  const counts = await smallResult(wasm, td, database, slicesSql, run);
  return wasm.cutByTime(counts, sliceRows, { sql, countSql, hasCondition });
}

/** Whether a failed job of one of several slices may be run again: nobody stopped it, and no request is at fault.
 * @param {unknown} error */
export const mayRepeat = (error) => /** @type {any} */ (error).code === 'job_failed';

/**
 * The results of a table's slices as one stream. Their jobs run some at a time, ahead of the download; a job that fails is
 * run again, and the others are not. A job's result is gzip, and so is the one after the other of several.
 */
export class SlicedResult {
  /** @type {FinishedJob[]} in order, as far as their results were asked for */
  jobs = [];
  #options;
  #unwanted = new AbortController();
  #run;
  /** @type {Set<Promise<FinishedJob>>} */
  #running = new Set();
  #finished;

  /**
   * @param {{ wasm: Wasm, td: TreasureData, database: string, slices: Slice[], parallelism: number,
   *   bytes?: bigint }} options `parallelism`: jobs at a time, and ranges of a result; `bytes`: of all results, roughly
   * @param {Run} run
   */
  constructor(options, run) {
    this.#options = options;
    const { signal } = this.#unwanted;
    this.#run = { ...run, signal: run.signal ? AbortSignal.any([run.signal, signal]) : signal };
    const { slices, parallelism } = options;
    this.#finished = pMapIterable(slices, (slice) => this.#runSlice(slice), {
      concurrency: parallelism,
      backpressure: parallelism,
    })[Symbol.asyncIterator]();
  }

  /** Rows of all the results; none before the last job has ended. */
  get numRecords() {
    return this.#sum(({ numRecords }) => numRecords);
  }

  /** Bytes of all the results, likewise. */
  get resultSize() {
    return this.#sum(({ resultSize }) => resultSize);
  }

  /** The same, or roughly as many before they are known. */
  get expectedBytes() {
    return this.resultSize ?? this.#options.bytes ?? 0n;
  }

  /**
   * The first slice's job, once it has ended.
   * @returns {Promise<FinishedJob>}
   */
  async first() {
    const [known] = this.jobs;
    return known ?? this.#next();
  }

  /**
   * The bytes of all the results.
   * @returns {AsyncGenerator<Uint8Array>}
   */
  async *chunks() {
    const { td, slices, parallelism } = this.#options;
    const first = await this.first();
    for (let done = 0; done < slices.length; done += 1) {
      const job = done === 0 ? first : await this.#next();
      if (job.schema !== first.schema) {
        throw new PetitError('result_changed', 'the table’s columns changed between two slices of it', {
          job: job.jobId,
        });
      }
      yield* download(td, job, { parallelism, run: this.#run });
    }
  }

  /** Stops the jobs whose results nobody wants any more; resolves when they are told. */
  async close() {
    this.#unwanted.abort(interrupted('the table has failed'));
    await Promise.allSettled(this.#running);
  }

  async #next() {
    const { value } = await this.#finished.next();
    this.jobs.push(value);
    return value;
  }

  /** @param {Slice} slice */
  #runSlice(slice) {
    const job = this.#attempt(slice);
    this.#running.add(job);
    const forget = () => this.#running.delete(job);
    job.then(forget, forget);
    return job;
  }

  /**
   * @param {Slice} slice
   * @returns {Promise<FinishedJob>}
   */
  async #attempt({ sql }) {
    const { wasm, td, database, slices } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await runQuery(wasm, td, { database, sql }, this.#run);
      } catch (error) {
        if (slices.length === 1 || tries === SLICE_TRIES || !mayRepeat(error)) throw error;
      }
    }
  }

  /**
   * @param {(job: FinishedJob) => bigint | undefined} amount
   * @returns {bigint | undefined}
   */
  #sum(amount) {
    if (this.jobs.length < this.#options.slices.length) return undefined;
    return this.jobs.reduce((/** @type {bigint | undefined} */ sum, job) => {
      const more = amount(job);
      return sum === undefined || more === undefined ? undefined : sum + more;
    }, 0n);
  }
}
