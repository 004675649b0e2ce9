import { PetitError, toPetitError } from '../errors.js';
import { defined } from '../utils/omit-undefined.js';
import { sleep } from '../utils/sleep.js';

/** @import { Account, Platform } from '../types.js' */
/** @import { Wasm } from '../wasm.js' */

/** How long trouble may last before a request is given up, in milliseconds. */
export const RETRY_TIMEOUT_MS = 300_000;
/** How long trouble may last before the account answered at all: a mistyped host should not keep anybody waiting. */
const FIRST_CONTACT_MS = 10_000;
/** How long an answer, or the next bytes of one, may take, in milliseconds. */
export const IDLE_TIMEOUT_MS = 60_000;
/** How slow an upload may be, in bytes per millisecond: nothing is heard before a part is there as a whole. */
const SLOWEST_UPLOAD = 50;

/**
 * How trouble is dealt with.
 * @typedef {object} Persistence
 * @property {number} [retryTimeoutMs] how long trouble may last before a request is given up (300,000)
 * @property {number} [idleTimeoutMs] how long an answer, or the next bytes of one, may take (60,000)
 */

/**
 * What goes with every call of a task.
 * @typedef {object} Run
 * @property {AbortSignal} [signal] stops the call, and the waiting between tries
 * @property {(error: PetitError, ms: number) => void} [onWait] told before a wait for the next try
 * @property {(job: { jobId: string, status: string }, ms: number) => void} [onLook] told whenever a job is looked at, and
 *   how long that has been going on
 * @property {{ chunks: Uint8Array[], byteLength: number }} [part] the bytes of `upload_part`, in pieces
 */

/** One Treasure Data account: sends calls and repeats them where that helps and does no harm. */
export class TreasureData {
  #client;
  #wasm;
  #retryTimeoutMs;
  #idleTimeoutMs;
  #whyNoAnswer;
  #relay;
  #bodyOf;
  #answered = false;

  /**
   * @param {Wasm} wasm
   * @param {Account} account
   * @param {Persistence & Pick<Platform, 'whyNoAnswer' | 'bodyOf'>} [options]
   */
  constructor(wasm, account, options = {}) {
    const { endpoint, apikey, userAgent, relay, allowHttp } = account;
    const { retryTimeoutMs = RETRY_TIMEOUT_MS, idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
    const { whyNoAnswer, bodyOf = blobOf } = options;
    this.#wasm = wasm;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#client = made(() => new wasm.TdClient(endpoint, apikey, userAgent, relay, allowHttp));
    this.#retryTimeoutMs = retryTimeoutMs;
    this.#whyNoAnswer = whyNoAnswer;
    this.#relay = relay;
    this.#bodyOf = bodyOf;
  }

  /** The base URL. */
  get endpoint() {
    return this.#client.endpoint;
  }

  /** The site's name, if the endpoint is one of TD's. */
  get site() {
    return this.#client.site;
  }

  /** The number of the account, if the key tells it. */
  get accountNumber() {
    return this.#client.accountNumber;
  }

  /**
   * The page of a workflow's attempt in TD's console, if the endpoint has one.
   * @param {string} workflow
   * @param {string} session
   * @param {string} attempt
   * @returns {string | undefined}
   */
  attemptUrl(workflow, session, attempt) {
    return this.#client.attemptUrl(workflow, session, attempt);
  }

  /**
   * Whether both are surely one account.
   * @param {TreasureData} other
   */
  isSameAccount(other) {
    return this.#client.isSameAccount(other.#client);
  }

  /**
   * Sends one API call and gives TD's answer, read into plain data.
   * @param {{ call: string } & Record<string, unknown>} call
   * @param {Run} [run]
   * @returns {Promise<any>}
   */
  call(call, run = {}) {
    const order = defined(call);
    const { chunks, byteLength = 0 } = run.part ?? {};
    const ms = this.#idleTimeoutMs + byteLength / SLOWEST_UPLOAD;
    return this.retry(run, async () => {
      const watch = new IdleWatch(ms, run.signal, this.#wasm.isRepeatable(order));
      try {
        const body = chunks && this.#bodyOf(chunks);
        return await this.#client.call(order, body, byteLength, watch.signal, Date.now());
      } finally {
        watch.stop();
      }
    });
  }

  /**
   * Issues a job whose rows TD itself adds to a table of another account. The key that TD needs for it stays in the
   * WebAssembly module.
   * @param {{ call: string } & Record<string, unknown>} call
   * @param {{ td: TreasureData, database: string, table: string }} output
   * @param {Run} [run]
   * @returns {Promise<any>}
   */
  callWithOutput(call, { td, database, table }, run = {}) {
    const order = defined({ ...call, output: { database, table } });
    return this.retry(run, async () => {
      const watch = new IdleWatch(this.#idleTimeoutMs, run.signal, this.#wasm.isRepeatable(order));
      try {
        return await this.#client.callWithOutputTo(order, td.#client, watch.signal, Date.now());
      } finally {
        watch.stop();
      }
    });
  }

  /**
   * The error without this account's key: what another account's job says may have it.
   * @param {unknown} error
   */
  withoutKey(error) {
    if (error instanceof Error) error.message = this.#client.redact(error.message);
    return error;
  }

  /**
   * Opens the body of a job result, or the part from byte `start` to `end` inclusive, with a watch over its silence.
   * Tried once: whoever reads the body has to deal with a cut anyway.
   * @param {string} jobId
   * @param {{ start?: number, end?: number, etag?: string }} range
   * @param {Run} run
   */
  async open(jobId, range, run) {
    const watch = new IdleWatch(this.#idleTimeoutMs, run.signal);
    try {
      const call = { call: 'job_result', jobId };
      const opened = await this.#client.open(
        ...[call, range.start, range.end, range.etag, watch.signal, Date.now()],
      );
      return Object.assign(opened, { watch });
    } catch (error) {
      watch.stop();
      throw error;
    }
  }

  /**
   * Runs `attempt` until it succeeds, its error is final, or trouble has lasted too long.
   * @template T
   * @param {Run} run
   * @param {(patience: Patience) => Promise<T>} attempt
   * @returns {Promise<T>}
   */
  async retry(run, attempt) {
    const patience = this.patience(run);
    for (;;) {
      try {
        const result = await attempt(patience);
        this.#answered = true;
        return result;
      } catch (error) {
        if (isAnswer(error)) this.#answered = true;
        await patience.wait(this.#withSites(await this.#explained(error)));
      }
    }
  }

  /**
   * The error of a first call that got no answer, with the reason that only the platform can find out.
   * @param {unknown} error
   */
  async #explained(error) {
    if (this.#answered || !this.#whyNoAnswer || /** @type {any} */ (error).code !== 'network') return error;
    return this.#whyNoAnswer(error, { endpoint: this.endpoint, relay: this.#relay });
  }

  /**
   * The error of a refused key also tells the sites where it may belong.
   * @param {unknown} thrown
   */
  #withSites(thrown) {
    const error = toPetitError(thrown);
    const { siteHint } = this.#client;
    if (siteHint && error instanceof PetitError && error.code === 'unauthorized')
      error.hint += ` ${siteHint}`;
    return error;
  }

  /**
   * @param {Run} run
   * @returns {Patience}
   */
  patience(run) {
    const budgetMs = () =>
      this.#answered ? this.#retryTimeoutMs : Math.min(FIRST_CONTACT_MS, this.#retryTimeoutMs);
    return new Patience(this.#wasm, run, budgetMs);
  }
}

/**
 * An account as a platform reaches it.
 * @param {Platform} platform
 * @param {Wasm} wasm
 * @param {Account} account
 * @param {Persistence} [persistence]
 */
export function connect({ whyNoAnswer, bodyOf }, wasm, account, { retryTimeoutMs, idleTimeoutMs } = {}) {
  return new TreasureData(wasm, account, { retryTimeoutMs, idleTimeoutMs, whyNoAnswer, bodyOf });
}

/** @param {Uint8Array[]} chunks */
function blobOf(chunks) {
  return new Blob(/** @type {BlobPart[]} */ (chunks));
}

/** How long to go on after one failure and the next. */
export class Patience {
  #wasm;
  #run;
  #budgetMs;
  #tries = 0;
  /** @type {number | undefined} */
  #troubleSince;

  /**
   * @param {Wasm} wasm
   * @param {Run} run
   * @param {() => number} budgetMs how long trouble may last
   */
  constructor(wasm, run, budgetMs) {
    this.#wasm = wasm;
    this.#run = run;
    this.#budgetMs = budgetMs;
  }

  /** There was progress: the count of tries and of time begins anew. */
  renew() {
    this.#tries = 0;
    this.#troubleSince = undefined;
  }

  /**
   * Waits before the next try; throws the error when it is final, or patience is at its end.
   * @param {unknown} thrown
   * @returns {Promise<void>}
   */
  async wait(thrown) {
    this.#run.signal?.throwIfAborted();
    const error = toPetitError(thrown);
    if (!(error instanceof PetitError) || !error.retryable) throw error;
    await this.waitOut(error);
  }

  /**
   * The same for an error after which only a look tells what to do next: whoever calls this has looked, or will.
   * @param {PetitError} error
   * @returns {Promise<void>}
   */
  async waitOut(error) {
    const { signal, onWait } = this.#run;
    const now = performance.now();
    this.#troubleSince ??= now;
    const elapsedMs = now - this.#troubleSince;
    const ms = this.#wasm.retryDelayMs(
      this.#tries,
      error.retryAfterMs,
      elapsedMs,
      this.#budgetMs(),
      Math.random(),
    );
    if (ms === undefined) throw givenUp(error, this.#tries + 1, elapsedMs);
    this.#tries += 1;
    onWait?.(error, ms);
    await sleep(ms, signal);
  }
}

/**
 * Whether the error is the account's own answer, rather than a gateway's that did not reach it.
 * @param {any} error
 */
function isAnswer({ status }) {
  return status !== undefined && status !== 502;
}

/**
 * @param {PetitError} error that ended the last try
 * @param {number} tries
 * @param {number} ms since the first of them failed
 */
function givenUp(error, tries, ms) {
  const asked = Math.round((error.retryAfterMs ?? 0) / 1000);
  if (asked > 0) error.message += `; it asks to wait ${asked} s, and trouble may not last that long`;
  if (tries > 1) error.message += ` (given up after ${tries} tries in ${(ms / 1000).toFixed(1)} s)`;
  return error;
}

/** Aborts its signal when nothing was heard for a while, or when the outer signal aborts. */
export class IdleWatch {
  #controller = new AbortController();
  #timer;
  #outer;
  #ms;
  #retryable;
  #follow = () => this.#controller.abort(this.#outer?.reason);

  /**
   * @param {number} ms
   * @param {AbortSignal} [outer]
   * @param {boolean} [retryable] whether what stays without an answer may be asked for again
   */
  constructor(ms, outer, retryable = true) {
    this.#ms = ms;
    this.#retryable = retryable;
    this.#outer = outer;
    outer?.throwIfAborted();
    outer?.addEventListener('abort', this.#follow, { once: true });
    this.#timer = this.#arm();
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Something was heard: the time begins anew. */
  heard() {
    clearTimeout(this.#timer);
    this.#timer = this.#arm();
  }

  /** Nothing is waited for until `heard` says so. */
  rest() {
    clearTimeout(this.#timer);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#follow);
  }

  #arm() {
    return setTimeout(() => this.#controller.abort(this.#silence()), this.#ms);
  }

  #silence() {
    const seconds = Math.round(this.#ms / 100) / 10;
    return new PetitError('network', `no answer for ${seconds} s`, { retryable: this.#retryable });
  }
}

/**
 * @template T
 * @param {() => T} make
 * @returns {T}
 */
function made(make) {
  try {
    return make();
  } catch (error) {
    throw toPetitError(error);
  }
}
