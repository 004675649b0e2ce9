import { platform } from '#platform';
import { checkAccount, listTables } from './driver/account.js';
import { createRun } from './driver/run/run.js';

/** @import { Account, CallOptions, Relay } from './types.js' */

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
    return checkAccount(await runFor(options), this.#account);
  }

  /**
   * @param {string} database
   * @param {CallOptions} [options]
   */
  async tables(database, options) {
    return listTables(await runFor(options), this.#account, database);
  }
}

/** @param {CallOptions} [options] */
const runFor = (options = {}) => createRun({ ...platform, ...options.platform }, options);
