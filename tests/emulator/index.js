import { readFile } from 'node:fs/promises';
import { Emulator } from './emulator.js';

/**
 * Starts a local Treasure Data on loopback ports, for tests, the demo and offline work.
 *
 * @typedef {import('./seed.js').Seed} Seed
 * @typedef {object} Options
 * @property {Seed | string} [seed] accounts and data, or a file with them; default seed.json
 * @property {import('./faults.js').Rule[]} [faults] initial rules of injected faults
 * @property {Record<string, number>} [ports] by site; may name further sites, without accounts; default free ports
 * @property {string} [dataDir] folder for files; default a temporary folder, which close removes
 *
 * @param {Options & Partial<import('./emulator.js').Settings>} [options]
 */
export async function startEmulator({ seed, faults = [], ports = {}, ...settings } = {}) {
  const emulator = await Emulator.create(settings);
  try {
    await emulator.loadSeed(typeof seed === 'object' ? seed : await readSeed(seed ?? SAMPLE));
    for (const rule of faults) emulator.faults.add(rule);
    await emulator.listen(ports);
  } catch (error) {
    await emulator.close();
    throw error;
  }
  return {
    emulator,
    /** Base URLs by site. */
    sites: emulator.sites,
    /** Fault injection: see faults.js. */
    faults: emulator.faults,
    /** @param {string} name of a site, or of an account @returns {string} the base URL */
    url: (name) => emulator.sites[name] ?? emulator.sites[accountOf(emulator, name).site] ?? '',
    /** Keys by account and the key's name. */
    keys: Object.fromEntries(
      emulator.accounts.map(({ name, keys }) => [
        name,
        Object.fromEntries(keys.map((key) => [key.name, key.key])),
      ]),
    ),
    /** @param {string} account @param {string} [name] @returns {string} the account's API key of that name */
    key: (account, name = 'master') => {
      const found = accountOf(emulator, account).keys.find((key) => key.name === name);
      if (!found) throw new Error(`account ${account} has no key ${name}`);
      return found.key;
    },
    /** The requests so far, in order. */
    requests: () => [...emulator.log.entries],
    clearRequests: () => {
      emulator.log.entries = [];
    },
    /** @param {string} account @returns the emulator's own account object */
    account: (account) => accountOf(emulator, account),
    /** @param {Partial<import('./emulator.js').Settings>} changes */
    configure: (changes) => emulator.configure(changes),
    /** @param {Seed} more */
    loadSeed: (more) => emulator.loadSeed(more),
    close: () => emulator.close(),
  };
}

const SAMPLE = new URL('./seed.json', import.meta.url);

/**
 * @param {string | URL} file
 * @returns {Promise<Seed>}
 */
async function readSeed(file) {
  return JSON.parse(await readFile(file, 'utf8'));
}

/**
 * @param {Emulator} emulator
 * @param {string} name
 */
function accountOf(emulator, name) {
  const account = emulator.accounts.find((candidate) => candidate.name === name);
  if (!account) throw new Error(`no account ${name}`);
  return account;
}
