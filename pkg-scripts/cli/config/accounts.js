import { PetitError } from '../../driver/errors.js';
import { DEFAULTS } from '../../driver/run/options.js';
import { checkKey } from './api-key.js';
import { keyOfProfile, profileNamed, readProfiles } from './profiles.js';
import { readKeys } from './stdin-keys.js';
import { readTdConf } from './td-conf.js';
import { userAgent } from './user-agent.js';

/** @import { Command } from 'commander' */
/** @import { Account } from '../../types.js' */
/** @import { ConnectionOptions } from '../options.js' */
/** @import { Reporter } from '../output/reporter.js' */
/** @import { Profiles } from './profiles.js' */
/** @import { TdConf } from './td-conf.js' */

/**
 * The role of an account in a command: where its API key and its endpoint come from.
 * @typedef {object} AccountRole
 * @property {string} label for messages
 * @property {string} keyVariable the environment variable with its API key
 * @property {string} endpointOption attribute name of the endpoint option
 * @property {string} siteOption attribute name of the site option
 * @property {string} profileOption attribute name of the option that names an account of the configuration file
 * @property {boolean} useAccountDefaults whether TD_API_KEY, TD_API_SERVER and td.conf supply what is missing
 */

/** @type {AccountRole} */
export const ACCOUNT = {
  label: 'the account',
  keyVariable: 'TD_API_KEY',
  endpointOption: 'endpoint',
  siteOption: 'site',
  profileOption: 'account',
  useAccountDefaults: true,
};
/** @type {AccountRole} */
export const SOURCE = {
  label: 'the source',
  keyVariable: 'SOURCE_API_KEY',
  endpointOption: 'sourceEndpoint',
  siteOption: 'sourceSite',
  profileOption: 'from',
  useAccountDefaults: true,
};
/** petit writes only to an account that the user names as the destination, so this role has no defaults.
 * @type {AccountRole} */
export const DESTINATION = {
  label: 'the destination',
  keyVariable: 'DEST_API_KEY',
  endpointOption: 'destEndpoint',
  siteOption: 'destSite',
  profileOption: 'to',
  useAccountDefaults: false,
};

/** Variables of an account that TD's toolbelt also reads, in order of precedence. */
export const KEY_VARIABLES = ['TD_API_KEY', 'TREASURE_DATA_API_KEY'];
export const ENDPOINT_VARIABLES = ['TD_API_SERVER', 'TREASURE_DATA_API_SERVER'];

/**
 * What finding accounts needs of the process and of the run.
 * @typedef {{ process: Pick<NodeJS.Process, 'env' | 'stdin' | 'platform'>, signal?: AbortSignal }} AccountContext
 */

/**
 * Finds the accounts of a command. Options take precedence over environment variables, and these over files. An account of
 * the configuration file that the command line names is a choice of the command line.
 * @template {string} K
 * @param {Command} command
 * @param {AccountContext} context
 * @param {Record<K, AccountRole>} roles in the order of the keys on standard input
 * @param {Pick<Reporter, 'log' | 'hide'>} reporter gets each key, and a line for each key that comes from a default
 * @returns {Promise<Record<K, Account>>}
 */
export async function findAccounts(command, context, roles, reporter) {
  const entries = /** @type {[K, AccountRole][]} */ (Object.entries(roles));
  /** @type {Partial<ConnectionOptions>} */
  const { apiKeyStdin, allowHttp } = command.opts();
  const labels = entries.map(([, { label }]) => label);
  const stdinKeys = apiKeyStdin ? await readKeys(context.process.stdin, labels, reporter.log) : [];
  for (const key of stdinKeys) checkKey(key, 'standard input');
  const files = {
    readConf: once(() => readTdConf(context.process.env)),
    readProfiles: once(() => readProfiles(context.process)),
  };
  /** @type {Partial<Record<string, Account>>} */
  const accounts = {};
  // One after the other: each may run a command that asks its user.
  for (const [index, [name, role]] of entries.entries()) {
    const account = await findAccount({
      command,
      context,
      role,
      stdinKey: stdinKeys[index],
      files,
      reporter,
    });
    reporter.hide(account.apikey);
    accounts[name] = { ...account, allowHttp };
  }
  return /** @type {Record<K, Account>} */ (accounts);
}

/**
 * @param {{ command: Command, context: AccountContext, role: AccountRole, stdinKey: string | undefined,
 *   files: { readConf: () => Promise<TdConf>, readProfiles: () => Promise<Profiles> }, reporter: Pick<Reporter, 'log'> }} search
 * @returns {Promise<Account>}
 */
async function findAccount({ command, context, role, stdinKey, files, reporter: { log } }) {
  const { env } = context.process;
  if (command.getOptionValue(role.profileOption) !== undefined)
    return profileAccount(command, role, stdinKey, await files.readProfiles(), context, log);
  const given = { apikey: stdinKey || env[role.keyVariable], endpoint: givenEndpoint(command, role) };
  const useDefaults = role === ACCOUNT || (!given.apikey && role.useAccountDefaults);
  return useDefaults ? withAccountDefaults(role, given, env, files.readConf, log) : namedAccount(role, given);
}

/**
 * An account of the configuration file. If the command line names it, no variable changes it: a key of another account must
 * not go to its endpoint.
 * @param {Command} command
 * @param {AccountRole} role
 * @param {string | undefined} stdinKey
 * @param {Profiles} profiles
 * @param {AccountContext} context
 * @param {(text: string) => void} log
 * @returns {Promise<Account>}
 */
async function profileAccount(command, role, stdinKey, profiles, { process: { env }, signal }, log) {
  const profile = await profileNamed(profiles, command.getOptionValue(role.profileOption));
  const isNamedByOption = command.getOptionValueSource(role.profileOption) === 'cli';
  const given = givenEndpoint(command, role, isNamedByOption ? 'cli' : 'env');
  const endpoint = given ?? profile.endpoint;
  const keyInEnv = isNamedByOption ? undefined : env[role.keyVariable];
  if (stdinKey) return { endpoint, apikey: stdinKey, userAgent };
  if (!keyInEnv)
    return { endpoint, apikey: await keyOfProfile(profile, profiles, { env, signal }), userAgent };
  checkKey(keyInEnv, role.keyVariable);
  const name = JSON.stringify(profile.name);
  log(`Using the API key in ${role.keyVariable} for ${role.label}, not that of the account ${name}.`);
  return { endpoint, apikey: keyInEnv, userAgent };
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
 * @param {string} [minimum] the lowest level that counts
 * @returns {string | undefined}
 */
function givenEndpoint(command, { endpointOption, siteOption }, minimum = 'env') {
  const level = (/** @type {string} */ name) =>
    PRECEDENCE.indexOf(command.getOptionValueSource(name) ?? 'default');
  const name = level(endpointOption) >= level(siteOption) ? endpointOption : siteOption;
  return level(name) >= PRECEDENCE.indexOf(minimum) ? command.getOptionValue(name) : undefined;
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
