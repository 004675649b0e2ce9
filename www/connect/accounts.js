import { computed, effect, signal } from '@preact/signals';
import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { relay } from '../relay.js';
import { CallState } from '../worker/call-state.js';
import { call } from '../worker/rpc-client.js';

/** @import { Signal } from '@preact/signals' */
/** @import { Account, AccountCheck } from '../../pkg-scripts/types.js' */
/** @import { Failed } from '../worker/call-state.js' */

/** The option in the list of sites for any other endpoint. */
export const CUSTOM = 'custom';

/** @typedef {{ status: 'unknown' } | { status: 'checking' } | { status: 'connected', info: AccountCheck }} Checked */
/** @typedef {Checked | Failed} Connection */

/** One of the two accounts. The page's memory is the only place where its key is kept. */
export class AccountState {
  site = signal(/** @type {string} */ (DEFAULTS.site));
  customEndpoint = signal('');
  apikey = signal('');
  connection = new CallState(/** @type {Checked} */ ({ status: 'unknown' }));
  /** @type {AbortController | undefined} */
  #controller;

  /** What the check found; undefined until the account is connected. */
  info = computed(() => {
    const { value } = this.connection;
    return value.status === 'connected' ? value.info : undefined;
  });

  /** @returns {Account} as the library takes it */
  get account() {
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
  }
}

export const source = new AccountState();
export const destination = new AccountState();

/**
 * Clears the chosen database when the source account changes to one that does not have it.
 * @param {Signal<string>} database
 */
export function clearWhenMissing(database) {
  effect(() => {
    const names = source.info.value?.databases.map(({ name }) => name) ?? [];
    if (!names.includes(database.peek())) database.value = '';
  });
}
