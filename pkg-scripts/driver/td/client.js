import { errorCode, errorStatus, PetitError, toPetitError } from '../errors.js';
import { systemClock } from '../utils/clock.js';
import { IdleTimeout } from '../utils/idle-timeout.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { verifyRelay } from '../utils/relay-proof.js';
import { RetryBudget } from '../utils/retry-budget.js';
import { wasm } from '../wasm.js';

/** @import { Call, IssueJob, Replies } from '../../core.js' */
/** @import { Account, Clock, Platform } from '../../types.js' */
/** @typedef {import('../../../dist/wasm/petit.js').TableList} TableList */

/** How long errors may go on before the endpoint has answered once, in milliseconds: a mistyped host should fail soon. */
const FIRST_CONTACT_MS = 10_000;
/** Minimum upload rate, in bytes per millisecond. Extends the idle timeout, because the server responds only after the
 * whole part has arrived. */
const MIN_UPLOAD_BYTES_PER_MS = 50;

/**
 * What goes with an API call.
 * @typedef {object} CallContext
 * @property {AbortSignal} [signal] aborts the call, and the wait between attempts
 * @property {boolean} [showValues] whether messages show row values
 * @property {(error: PetitError, ms: number) => void} [onRetry] called before each wait for the next attempt
 * @property {(job: { jobId: string, status: string }, ms: number) => void} [onPoll] called each time a job is polled, with
 *   the time since the first poll
 */

/**
 * The reply to a call.
 * @template {Call} C
 * @typedef {Replies[C['call']]} ReplyTo
 */

/** A client for one Treasure Data account. Sends calls, and retries those that are safe to repeat. */
export class TdClient {
  #core;
  #retryTimeoutMs;
  #idleTimeoutMs;
  #explainNetworkError;
  #toRequestBody;
  #relay;
  #clock;
  #hasAnswered = false;

  /**
   * @param {Account} account
   * @param {{ retryTimeoutMs: number, idleTimeoutMs: number }
   *   & Pick<Platform, 'explainNetworkError' | 'toRequestBody' | 'clock'>} options
   */
  constructor(account, options) {
    const { retryTimeoutMs, idleTimeoutMs, explainNetworkError } = options;
    const { toRequestBody = toBlob, clock = systemClock } = options;
    const { endpoint, apikey, userAgent, relay, allowHttp } = account;
    const forwarder = relay && { url: relay.url, token: relay.token };
    this.#core = constructOrThrow(() => new wasm.TdClient(endpoint, apikey, userAgent, forwarder, allowHttp));
    this.#retryTimeoutMs = retryTimeoutMs;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#explainNetworkError = explainNetworkError;
    this.#toRequestBody = toRequestBody;
    this.#relay = relay;
    this.#clock = clock;
  }

  /** By which its calls are timed.
   * @returns {Clock} */
  get clock() {
    return this.#clock;
  }

  /** The base URL. */
  get endpoint() {
    return this.#core.endpoint;
  }

  /** The site's name, if the endpoint is one of TD's. */
  get site() {
    return this.#core.site;
  }

  /** The number of the account, if the key contains it. */
  get accountNumber() {
    return this.#core.accountNumber;
  }

  /**
   * URL of a workflow attempt in TD's console, if the endpoint has a console.
   * @param {string} workflow
   * @param {string} session
   * @param {string} attempt
   * @returns {string | undefined}
   */
  attemptUrl(workflow, session, attempt) {
    return this.#core.attemptUrl(workflow, session, attempt);
  }

  /**
   * URL of a job in TD's console, if the endpoint has a console.
   * @param {string} jobId
   * @returns {string | undefined}
   */
  jobUrl(jobId) {
    return this.#core.jobUrl(jobId);
  }

  /**
   * Whether both clients certainly use the same account.
   * @param {TdClient} other
   */
  isSameAccount(other) {
    return this.#core.isSameAccount(other.#core);
  }

  /**
   * Sends an API call and returns TD's reply as plain data.
   * @template {Call} C
   * @param {C} call
   * @param {CallContext} [context]
   * @returns {Promise<ReplyTo<C>>}
   */
  call(call, context = {}) {
    const request = omitUndefined(call);
    return this.#send(request, context, this.#idleTimeoutMs, ({ signal }, onBytes) =>
      this.#callCore(request, signal, onBytes),
    );
  }

  /**
   * The same without a retry: for calls after whose failure the core decides what to do.
   * @template {Call} C
   * @param {C} call
   * @param {CallContext} [context]
   * @returns {Promise<ReplyTo<C>>}
   */
  async callOnce(call, context = {}) {
    const request = omitUndefined(call);
    const idleTimeout = this.#startIdleTimeout(this.#idleTimeoutMs, context, wasm.isRepeatable(request));
    try {
      const { signal } = idleTimeout;
      const onBytes = () => idleTimeout.reset();
      await this.#verifyRelay(signal);
      const reply = await this.#callCore(request, signal, onBytes);
      this.#hasAnswered = true;
      return reply;
    } catch (error) {
      if (isAnswer(error)) this.#hasAnswered = true;
      throw this.#withEndpoint(await this.#explained(error));
    } finally {
      idleTimeout.clear();
    }
  }

  /**
   * The core determines the type of the reply by the call.
   * @template {Call} C
   * @param {C} call
   * @param {AbortSignal} signal
   * @param {() => void} onBytes
   * @returns {Promise<ReplyTo<C>>}
   */
  #callCore(call, signal, onBytes) {
    const reply = this.#core.call(call, undefined, 0, signal, onBytes, this.#clock.unixMs());
    return /** @type {Promise<ReplyTo<C>>} */ (reply);
  }

  /**
   * Lists the tables of a database. The list stays in the WebAssembly module: it may be very long.
   * @param {string} database
   * @param {CallContext} [context]
   * @returns {Promise<TableList>}
   */
  listTables(database, context = {}) {
    const call = /** @type {const} */ ({ call: 'list_tables', database });
    return this.#send(call, context, this.#idleTimeoutMs, ({ signal }, onBytes) =>
      this.#core.listTables(database, signal, onBytes, this.#clock.unixMs()),
    );
  }

  /**
   * Current time by the endpoint's clock, in Unix milliseconds, or by the local clock if its answers do not tell it.
   * @returns {bigint}
   */
  nowMs() {
    const now = this.#clock.unixMs();
    return BigInt(Math.round(this.#core.serverNowMs(now) ?? now));
  }

  /** How far the endpoint's clock is ahead of the local one, in milliseconds; undefined if its answers do not tell it. */
  get clockDifferenceMs() {
    const now = this.#clock.unixMs();
    const there = this.#core.serverNowMs(now);
    return there === undefined ? undefined : there - now;
  }

  /**
   * Uploads a part of a bulk import session.
   * @param {Extract<Call, { call: 'upload_part' }>} call
   * @param {{ chunks: Uint8Array[], byteLength: number }} part
   * @param {CallContext} [context]
   */
  async upload(call, { chunks, byteLength }, context = {}) {
    const timeoutMs = this.#idleTimeoutMs + byteLength / MIN_UPLOAD_BYTES_PER_MS;
    await this.#send(call, context, timeoutMs, ({ signal }, onBytes) =>
      this.#core.call(
        call,
        this.#toRequestBody(chunks, onBytes),
        byteLength,
        signal,
        onBytes,
        this.#clock.unixMs(),
      ),
    );
  }

  /**
   * Issues a job whose rows TD adds to a table of another account. The key that TD needs to write there stays in the
   * WebAssembly module.
   * @param {{ call: 'issue_job' } & IssueJob} call
   * @param {{ td: TdClient, database: string, table: string }} output
   * @param {CallContext} [context]
   * @returns {Promise<Replies['issue_job']>}
   */
  callWithOutput(call, { td, database, table }, context = {}) {
    const request = omitUndefined({ ...call, output: { database, table } });
    return this.#send(request, context, this.#idleTimeoutMs, ({ signal }, onBytes) => {
      const reply = this.#core.callWithOutputTo(request, td.#core, signal, onBytes, this.#clock.unixMs());
      return /** @type {Promise<Replies['issue_job']>} */ (reply);
    });
  }

  /**
   * Redacts this account's key in an error: the message of another account's job may contain it.
   * @param {unknown} error
   */
  withoutKey(error) {
    if (error instanceof Error) error.message = this.#core.redact(error.message);
    return error;
  }

  /**
   * Opens the body of a job result, or of its bytes `start` to `end` (inclusive), with an idle timeout. Does not retry:
   * the reader of the body has to handle a lost connection anyway.
   * @param {string} jobId
   * @param {{ start?: number, end?: number, etag?: string }} range
   * @param {CallContext} context
   */
  async open(jobId, { start, end, etag }, context) {
    const idleTimeout = this.#startIdleTimeout(this.#idleTimeoutMs, context, true);
    try {
      const call = /** @type {const} */ ({ call: 'job_result', jobId });
      await this.#verifyRelay(idleTimeout.signal);
      const opened = await this.#core.open(call, start, end, etag, idleTimeout.signal, this.#clock.unixMs());
      return Object.assign(opened, { idleTimeout });
    } catch (error) {
      idleTimeout.clear();
      throw error;
    }
  }

  /**
   * Runs `attempt` until it succeeds, its error is final, or the retry budget is exhausted.
   * @template T
   * @param {CallContext} context
   * @param {(budget: RetryBudget) => Promise<T>} attempt
   * @returns {Promise<T>}
   */
  async retry(context, attempt) {
    const budget = this.retryBudget(context);
    for (;;) {
      try {
        const result = await attempt(budget);
        this.#hasAnswered = true;
        return result;
      } catch (error) {
        if (isAnswer(error)) this.#hasAnswered = true;
        await budget.retryOrThrow(this.#withEndpoint(await this.#explained(error)));
      }
    }
  }

  /**
   * @param {CallContext} context
   * @returns {RetryBudget}
   */
  retryBudget(context) {
    const limitMs = () =>
      this.#hasAnswered ? this.#retryTimeoutMs : Math.min(FIRST_CONTACT_MS, this.#retryTimeoutMs);
    return new RetryBudget(context, limitMs, this.#clock);
  }

  /**
   * Sends a call until it succeeds or the budget is exhausted, each attempt with an idle timeout of its own, which starts
   * again with each byte that is sent or received.
   * @template T
   * @param {Call} call
   * @param {CallContext} context
   * @param {number} timeoutMs
   * @param {(idleTimeout: IdleTimeout, onBytes: () => void) => Promise<T>} attempt
   * @returns {Promise<T>}
   */
  #send(call, context, timeoutMs, attempt) {
    return this.retry(context, async () => {
      const idleTimeout = this.#startIdleTimeout(timeoutMs, context, wasm.isRepeatable(call));
      try {
        await this.#verifyRelay(idleTimeout.signal);
        return await attempt(idleTimeout, () => idleTimeout.reset());
      } finally {
        idleTimeout.clear();
      }
    });
  }

  /**
   * @param {number} ms
   * @param {CallContext} context
   * @param {boolean} retryable
   */
  #startIdleTimeout(ms, { signal }, retryable) {
    return new IdleTimeout(ms, signal, retryable, this.#clock);
  }

  /**
   * Checks the relay before each request, because each request carries the key.
   * @param {AbortSignal} signal
   */
  async #verifyRelay(signal) {
    if (this.#relay) await verifyRelay(this.#relay, signal);
  }

  /**
   * The error of a call to an endpoint that never answered, with the reason that only the platform can find out.
   * @param {unknown} error
   */
  async #explained(error) {
    const isUnexplained = !this.#hasAnswered && errorCode(error) === 'network';
    if (!isUnexplained || !this.#explainNetworkError) return error;
    return this.#explainNetworkError(error, { endpoint: this.endpoint, relay: this.#relay });
  }

  /**
   * The error with the endpoint; if the key was rejected, its hint also names the sites that the key may belong to.
   * @param {unknown} thrown
   */
  #withEndpoint(thrown) {
    const error = toPetitError(thrown, { endpoint: this.endpoint });
    const { siteHint } = this.#core;
    if (siteHint && error instanceof PetitError && error.code === 'unauthorized')
      error.hint += ` ${siteHint}`;
    return error;
  }
}

/** @param {Uint8Array[]} chunks */
const toBlob = (chunks) => new Blob(/** @type {BlobPart[]} */ (chunks));

/**
 * Whether the error is the endpoint's own answer, and not that of a gateway that could not reach it.
 * @param {unknown} error
 */
function isAnswer(error) {
  const status = errorStatus(error);
  return status !== undefined && status !== 502;
}

/**
 * Constructs an object of the WebAssembly module. Its errors are thrown as `PetitError`s.
 * @template T
 * @param {() => T} construct
 * @returns {T}
 */
function constructOrThrow(construct) {
  try {
    return construct();
  } catch (error) {
    throw toPetitError(error);
  }
}
