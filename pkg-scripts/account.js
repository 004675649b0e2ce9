import { platform } from '#platform';
import { checkAccount, listTables } from './driver/account.js';

/** @import { AccountCheck, TableInfo } from './driver/account.js' */
/** @import { Account, CallOptions, Relay } from './driver/types.js' */

/**
 * A Treasure Data account, wherever an `Account` is asked for. The API key stays inside: neither logging nor serialising
 * the object shows it.
 *
 * ```js
 * const td = new TreasureData({ endpoint: 'aws-tokyo', apikey: process.env.TD_API_KEY });
 * const { databases } = await td.check();
 * ```
 */
export class TreasureData {
  /** @type {Account} */
  #account;

  /** @param {Account} account */
  constructor(account) {
    this.#account = { ...account };
  }

  /** The base URL or the site, as it was given. */
  get endpoint() {
    return this.#account.endpoint;
  }

  /** The API key, for petit's requests. */
  get apikey() {
    return this.#account.apikey;
  }

  /** `User-Agent` of the requests. */
  get userAgent() {
    return this.#account.userAgent;
  }

  /** @internal */
  get allowHttp() {
    return this.#account.allowHttp;
  }

  /** The server that passes the calls on, if there is one.
   * @returns {Relay | undefined} */
  get relay() {
    return this.#account.relay;
  }

  /**
   * Who the key is, which databases it opens, and what it may do there.
   * @param {CallOptions} [options]
   * @returns {Promise<AccountCheck>}
   */
  check(options) {
    return checkAccount(platform, this.#account, options);
  }

  /**
   * The tables of a database, as TD lists them.
   * @param {string} database
   * @param {CallOptions} [options]
   * @returns {Promise<TableInfo[]>}
   */
  tables(database, options) {
    return listTables(platform, this.#account, database, options);
  }
}
