import { computed, effect, signal } from '@preact/signals';
import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { relay } from '../relay.js';
import { CallState } from '../worker/call-state.js';
import { call } from '../worker/rpc-client.js';
import { rememberedSite, rememberSite } from './remembered-site.js';
import { CUSTOM, firstChoice, isOffered, servedAccount } from './sites.js';

/** @import { Signal } from '@preact/signals' */
/** @import { Account, AccountCheck } from '../../pkg-scripts/types.js' */
/** @import { Failed } from '../worker/call-state.js' */

/** @typedef {{ status: 'unknown' } | { status: 'checking' } | { status: 'connected', info: AccountCheck }} Checked */
/** @typedef {Checked | Failed} Connection */

/** One of the two accounts. The page's memory is the only place where its key is kept. */
export class AccountState {
  #side;
  site = signal('');
  customEndpoint = signal('');
  apikey = signal('');
  connection = new CallState(/** @type {Checked} */ ({ status: 'unknown' }));
  /** @type {AbortController | undefined} */
  #controller;

  /** @param {'source' | 'destination'} side */
  constructor(side) {
    this.#side = side;
    const remembered = rememberedSite(side);
    this.site.value = (isOffered(remembered) ? remembered : firstChoice(side)) ?? DEFAULTS.site;
  }

  /** What the check found; undefined until the account is connected. */
  info = computed(() => {
    const { value } = this.connection;
    return value.status === 'connected' ? value.info : undefined;
  });

  /** @returns {Account} as the library takes it */
  get account() {
    const served = servedAccount(this.site.value);
    if (served && relay) return { endpoint: served.endpoint, apikey: served.id, relay };
    const custom = this.site.value === CUSTOM;
    const endpoint = custom ? this.customEndpoint.value.trim() : this.site.value;
    return { endpoint, apikey: this.apikey.value.trim(), ...(relay && { relay }) };
  }

  /** Whether endpoint and key are filled in. */
  canConnect = computed(() => {
    const { endpoint, apikey } = this.account;
    return endpoint !== '' && apikey !== '';
  });

  /**
   * Changes a field, which disconnects the account.
   * @param {'site' | 'customEndpoint' | 'apikey'} field
   * @param {string} value
   */
  change(field, value) {
    this.#controller?.abort();
    this[field].value = value;
    this.connection.set({ status: 'unknown' });
  }

  /** Copies the other account's fields and connection.
   * @param {AccountState} other */
  copy(other) {
    for (const field of /** @type {const} */ (['site', 'customEndpoint', 'apikey'])) {
      this[field].value = other[field].value;
    }
    this.connection.set(other.connection.value);
  }

  /** Checks who the key belongs to and what it permits. */
  async connect() {
    this.#controller?.abort();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.connection.set({ status: 'checking' });
    await this.connection.run(async () => ({
      status: 'connected',
      info: await call('checkAccount', this.account, { signal }),
    }));
    if (this.info.peek()) rememberSite(this.#side, this.site.peek());
  }
}

export const source = new AccountState('source');
export const destination = new AccountState('destination');

/**
 * Clears the chosen database when the source account changes to one that does not have it.
 * @param {Signal<string>} database
 */
export function clearWhenMissing(database) {
  effect(() => {
    // Until an account is connected, an address can name the database.
    const databases = source.info.value?.databases;
    if (databases && !databases.some(({ name }) => name === database.peek())) database.value = '';
  });
}
