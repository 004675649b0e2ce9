import { platform } from '#platform';
import { checkAccount, listTables } from './driver/account.js';
import { withInterruption } from './driver/errors.js';
import { createRun } from './driver/run/run.js';

/** @import { Account, CallOptions, Relay } from './types.js' */
/** @import { RunContext } from './driver/run/run.js' */

/** The key is in a private field, so that neither logging nor serializing shows it. See api.d.ts. */
export class TreasureData {
  /** @type {Account} */
  #account;

  /** @param {Account} account */
  constructor(account) {
    this.#account = { ...account };
  }

  get endpoint() {
    return this.#account.endpoint;
  }

  get apikey() {
    return this.#account.apikey;
  }

  get userAgent() {
    return this.#account.userAgent;
  }

  get allowHttp() {
    return this.#account.allowHttp;
  }

  /** @returns {Relay | undefined} */
  get relay() {
    return this.#account.relay;
  }

  /** @param {CallOptions} [options] */
  async check(options) {
    return call(options, (run) => checkAccount(run, this.#account));
  }

  /**
   * @param {string} database
   * @param {CallOptions} [options]
   */
  async tables(database, options) {
    return call(options, (run) => listTables(run, this.#account, database));
  }
}

/**
 * @template T
 * @param {CallOptions | undefined} options
 * @param {(run: RunContext) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function call(options = {}, work) {
  const run = await createRun({ ...platform, ...options.platform }, options);
  try {
    return await work(run);
  } catch (error) {
    throw withInterruption(run.outlet.error(error), options.signal);
  }
}
