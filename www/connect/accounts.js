import { computed, signal } from '@preact/signals';
import { relay } from '../relay.js';
import { ask, CallError } from '../worker/rpc-client.js';

/** @import { Account, AccountCheck } from '../../pkg-scripts/types.js' */
/** @import { Trouble } from '../worker/messages.js' */

/** The choice in the list of sites that is none of them. */
export const CUSTOM = 'custom';

/**
 * What is known about an account: nothing, that it is being asked, who it is, or why it could not be known.
 * @typedef {{ is: 'unknown' } | { is: 'asking' } | { is: 'known', found: AccountCheck }
 *   | { is: 'failed', trouble: Trouble }} Knowledge
 */

/** One of the two accounts. Its key is kept here, in the page's memory, and nowhere else. */
export class AccountState {
  site = signal('aws');
  customEndpoint = signal('');
  apikey = signal('');
  knowledge = signal(/** @type {Knowledge} */ ({ is: 'unknown' }));
  /** @type {AbortController | undefined} */
  #asking;

  /** Who it is, once that is known. */
  found = computed(() => {
    const { value } = this.knowledge;
    return value.is === 'known' ? value.found : undefined;
  });

  /** Where it lives and the key that opens it, as the library takes them.
   * @returns {Account} */
  get account() {
    const custom = this.site.value === CUSTOM;
    const endpoint = custom ? this.customEndpoint.value.trim() : this.site.value;
    return { endpoint, apikey: this.apikey.value.trim(), ...(relay && { relay }) };
  }

  /** Whether there is enough to ask with. */
  canAsk = computed(() => {
    const { endpoint, apikey } = this.account;
    return endpoint !== '' && apikey !== '';
  });

  /**
   * Changes a field; what was known is known no more.
   * @param {'site' | 'customEndpoint' | 'apikey'} field
   * @param {string} value
   */
  change(field, value) {
    this.#asking?.abort();
    this[field].value = value;
    this.knowledge.value = { is: 'unknown' };
  }

  /** Takes the other account's place and key.
   * @param {AccountState} other */
  copy(other) {
    for (const field of /** @type {const} */ (['site', 'customEndpoint', 'apikey'])) {
      this[field].value = other[field].value;
    }
    this.knowledge.value = other.knowledge.value;
  }

  /** Asks who the account is, and what the key may do. */
  async check() {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.knowledge.value = { is: 'asking' };
    const knowledge = await this.#ask(asking.signal);
    if (!asking.signal.aborted) this.knowledge.value = knowledge;
  }

  /** @param {AbortSignal} signal
   * @returns {Promise<Knowledge>} */
  async #ask(signal) {
    try {
      return { is: 'known', found: await ask('checkAccount', this.account, { signal }) };
    } catch (error) {
      if (error instanceof CallError) return { is: 'failed', trouble: error.trouble };
      throw error;
    }
  }
}

export const source = new AccountState();
export const destination = new AccountState();
