import { PetitError } from '../../driver/errors.js';
import { DEFAULTS } from '../../driver/run/options.js';
import { checkKey } from './api-key.js';
import { readKeys } from './stdin-keys.js';
import { readTdConf } from './td-conf.js';
import { userAgent } from './user-agent.js';

/** @import { Command } from 'commander' */
/** @import { Account } from '../../types.js' */
/** @import { ConnectionOptions } from '../options.js' */
/** @import { Reporter } from '../output/reporter.js' */
/** @import { TdConf } from './td-conf.js' */

/**
 * The role of an account in a command: where its API key and its endpoint come from.
 * @typedef {object} AccountRole
 * @property {string} label for messages
 * @property {string} keyVariable the environment variable with its API key
 * @property {string} endpointOption attribute name of the endpoint option
 * @property {string} siteOption attribute name of the site option
 * @property {boolean} useAccountDefaults whether TD_API_KEY, TD_API_SERVER and td.conf supply what is missing
 */

/** @type {AccountRole} */
export const ACCOUNT = {
  label: 'the account',
  keyVariable: 'TD_API_KEY',
  endpointOption: 'endpoint',
  siteOption: 'site',
  useAccountDefaults: true,
};
/** @type {AccountRole} */
export const SOURCE = {
  label: 'the source',
  keyVariable: 'SOURCE_API_KEY',
  endpointOption: 'sourceEndpoint',
  siteOption: 'sourceSite',
  useAccountDefaults: true,
};
/** petit writes only to an account that the user names as the destination, so this role has no defaults.
 * @type {AccountRole} */
export const DESTINATION = {
  label: 'the destination',
  keyVariable: 'DEST_API_KEY',
  endpointOption: 'destEndpoint',
  siteOption: 'destSite',
  useAccountDefaults: false,
};

/** Variables of an account that TD's toolbelt also reads, in order of precedence. */
export const KEY_VARIABLES = ['TD_API_KEY', 'TREASURE_DATA_API_KEY'];
export const ENDPOINT_VARIABLES = ['TD_API_SERVER', 'TREASURE_DATA_API_SERVER'];

/**
 * Finds the accounts of a command. Options take precedence over environment variables, and these over td.conf.
 * @template {string} K
 * @param {Command} command
 * @param {Pick<NodeJS.Process, 'env' | 'stdin'>} process
 * @param {Record<K, AccountRole>} roles in the order of the keys on standard input
 * @param {Pick<Reporter, 'log' | 'hide'>} reporter gets each key, and a line for each key that comes from a default
 * @returns {Promise<Record<K, Account>>}
 */
export async function findAccounts(command, { env, stdin }, roles, { log, hide }) {
  const entries = /** @type {[K, AccountRole][]} */ (Object.entries(roles));
  /** @type {Partial<ConnectionOptions>} */
  const { apiKeyStdin, allowHttp } = command.opts();
  const labels = entries.map(([, { label }]) => label);
  const stdinKeys = apiKeyStdin ? await readKeys(stdin, labels, log) : [];
  for (const key of stdinKeys) checkKey(key, 'standard input');
  const readConf = once(() => readTdConf(env));
  const find = (/** @type {AccountRole} */ role, /** @type {string | undefined} */ stdinKey) => {
    const given = { apikey: stdinKey || env[role.keyVariable], endpoint: givenEndpoint(command, role) };
    const useDefaults = role === ACCOUNT || (!given.apikey && role.useAccountDefaults);
    return useDefaults ? withAccountDefaults(role, given, env, readConf, log) : namedAccount(role, given);
  };
  const accounts = /** @type {[string, Account][]} */ (
    await Promise.all(
      entries.map(async ([name, role], index) => [
        name,
        { ...(await find(role, stdinKeys[index])), allowHttp },
      ]),
    )
  );
  for (const [, { apikey }] of accounts) hide(apikey);
  return /** @type {Record<K, Account>} */ (Object.fromEntries(accounts));
}

/**
 * An account from the options and variables of its role alone.
 * @param {AccountRole} role
 * @param {{ apikey?: string, endpoint?: string }} given
 * @returns {Account}
 */
function namedAccount(role, { apikey, endpoint = DEFAULTS.site }) {
  if (!apikey) throw missingKey(role);
  checkKey(apikey, role.keyVariable);
  return { endpoint, apikey, userAgent };
}

/**
 * An account that takes what is missing from the sources of TD's toolbelt.
 * @param {AccountRole} role
 * @param {{ apikey?: string, endpoint?: string }} given
 * @param {Record<string, string | undefined>} env
 * @param {() => Promise<TdConf>} readConf
 * @param {(text: string) => void} log
 * @returns {Promise<Account>}
 */
async function withAccountDefaults(role, given, env, readConf, log) {
  const keyVariable = KEY_VARIABLES.find((name) => env[name]);
  const keyFromEnv = given.apikey || env[keyVariable ?? ''];
  const apikey = keyFromEnv || (await readConf()).apikey;
  if (!apikey) throw missingKey(role);
  const variable = given.apikey ? role.keyVariable : keyVariable;
  checkKey(apikey, variable ?? (await readConf()).path);
  const serverVariable = ENDPOINT_VARIABLES.find((name) => env[name]);
  const endpoint = given.endpoint || env[serverVariable ?? ''] || (await readConf()).endpoint;
  if (!keyFromEnv) {
    const { path, warning } = await readConf();
    log(`Using the API key in ${path} for ${role.label}.`);
    if (warning) log(warning);
  }
  if (keyFromEnv && role !== ACCOUNT) log(`Using the API key in ${keyVariable} for ${role.label}.`);
  return { endpoint: endpoint || DEFAULTS.site, apikey, userAgent };
}

/** @param {AccountRole} role */
function missingKey({ keyVariable }) {
  return new PetitError('missing_key', `the environment variable ${keyVariable} is not set`);
}

/** Where an option's value can come from, in ascending order of precedence. */
const PRECEDENCE = ['default', 'env', 'cli'];

/**
 * The endpoint or the site that the user gave. If both are set at the same level, the endpoint wins.
 * @param {Command} command
 * @param {AccountRole} role
 * @returns {string | undefined}
 */
function givenEndpoint(command, { endpointOption, siteOption }) {
  const level = (/** @type {string} */ name) =>
    PRECEDENCE.indexOf(command.getOptionValueSource(name) ?? 'default');
  const name = level(endpointOption) >= level(siteOption) ? endpointOption : siteOption;
  return level(name) > 0 ? command.getOptionValue(name) : undefined;
}

/**
 * Calls `read` when its result is first needed, and never again.
 * @template T
 * @param {() => T} read
 * @returns {() => T}
 */
function once(read) {
  /** @type {{ result: T } | undefined} */
  let cached;
  return () => {
    cached ??= { result: read() };
    return cached.result;
  };
}
