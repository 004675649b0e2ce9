import { createHmac, randomBytes } from 'node:crypto';

/** @import { ServedAccount } from '../types.js' */

/** An account whose key stays in the server. @typedef {ServedAccount & { apikey: string }} KeptAccount */

/**
 * The accounts of the terminal. The page knows each by an id that stands for the key in the header `Authorization` of its
 * calls; the server puts the key in its place. Ids are random for each run, and worthless elsewhere.
 */
export class ServedAccounts {
  /** @type {Map<string, KeptAccount>} */
  #byId = new Map();

  /** @param {{ label: string, endpoint: string, apikey: string }[]} accounts with normalized endpoints */
  constructor(accounts) {
    const secret = randomBytes(32);
    for (const account of accounts) {
      const id = idOf(account.apikey, secret);
      // Equal keys have equal ids, so that the page knows one account from two.
      this.#byId.set(`${id} ${account.endpoint}`, { id, ...account });
    }
  }

  /** What the page gets. @returns {ServedAccount[]} */
  get shown() {
    return [...this.#byId.values()].map(({ id, label, endpoint }) => ({ id, label, endpoint }));
  }

  /**
   * The accounts of a call; none if it has a key of its own.
   * @param {string | undefined} authorization the header
   */
  of(authorization = '') {
    const [, id] = /^TD1 (\S+)$/.exec(authorization) ?? [];
    return [...this.#byId.values()].filter((account) => account.id === id);
  }
}

/**
 * The number of the account, as at the start of the key, and a code. The page shows the number and compares it: a clone of a
 * database onto itself is refused.
 * @param {string} apikey
 * @param {Buffer} secret
 */
function idOf(apikey, secret) {
  const [, number = ''] = /^(\d+\/)./.exec(apikey) ?? [];
  return number + createHmac('sha256', secret).update(apikey).digest('hex').slice(0, 40);
}
