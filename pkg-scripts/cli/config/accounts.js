import { PetitError } from '../../driver/errors.js';
import { readKeys } from './stdin-keys.js';
import { readTdConf } from './td-conf.js';
import { userAgent } from './user-agent.js';

/** @import { Command } from 'commander' */
/** @import { Account } from '../../types.js' */
/** @import { TdConf } from './td-conf.js' */

/**
 * The account that a command uses in one of its roles: where its key and its place are said.
 * @typedef {object} Role
 * @property {string} owner in words
 * @property {string} variable that holds its key
 * @property {string} endpoint name of the option
 * @property {string} site name of the option
 * @property {boolean} ownSettings whether TD_API_KEY, TD_API_SERVER and td.conf may say what is not said otherwise
 */

/** @type {Role} */
export const ACCOUNT = {
  ...{ owner: 'the account', variable: 'TD_API_KEY' },
  ...{ endpoint: 'endpoint', site: 'site', ownSettings: true },
};
/** @type {Role} */
export const SOURCE = {
  ...{ owner: 'the source', variable: 'SOURCE_API_KEY' },
  ...{ endpoint: 'sourceEndpoint', site: 'sourceSite', ownSettings: true },
};
/** Nothing is written to an account that was not named for it.
 * @type {Role} */
export const DESTINATION = {
  ...{ owner: 'the destination', variable: 'DEST_API_KEY' },
  ...{ endpoint: 'destEndpoint', site: 'destSite', ownSettings: false },
};

/** Where an account lives of which nothing is said. */
const DEFAULT_SITE = 'aws';

/**
 * Finds the accounts that a command works with. What is said by an option goes before the environment, and that before the
 * configuration file of TD's own tools.
 * @template {string} K
 * @param {Command} command
 * @param {Pick<NodeJS.Process, 'env' | 'stdin'>} process
 * @param {Record<K, Role>} roles in the order of the keys on standard input
 * @param {(text: string) => void} say is told when a key comes from where nobody pointed
 * @returns {Promise<Record<K, Account>>}
 */
export async function findAccounts(command, { env, stdin }, roles, say) {
  const all = /** @type {[K, Role][]} */ (Object.entries(roles));
  const owners = all.map(([, { owner }]) => owner);
  const { apiKeyStdin, allowHttp } = command.opts();
  const given = apiKeyStdin ? await readKeys(stdin, owners) : [];
  /** @type {Promise<TdConf> | undefined} */
  let read;
  const conf = () => {
    read ??= readTdConf(env);
    return read;
  };
  const find = (/** @type {Role} */ role, /** @type {string | undefined} */ fromStdin) => {
    const said = { apikey: fromStdin || env[role.variable], endpoint: endpointOf(command, role) };
    const isOwn = role === ACCOUNT || (!said.apikey && role.ownSettings);
    return isOwn ? ownAccount(role, said, env, conf, say) : namedAccount(role, said);
  };
  const found = await Promise.all(
    all.map(async ([key, role], at) => [key, { ...(await find(role, given[at])), allowHttp }]),
  );
  return Object.fromEntries(found);
}

/**
 * An account that is named for its role alone.
 * @param {Role} role
 * @param {{ apikey?: string, endpoint?: string }} said
 * @returns {Account}
 */
function namedAccount(role, { apikey, endpoint = DEFAULT_SITE }) {
  if (!apikey) throw missing(role);
  return { endpoint, apikey, userAgent };
}

/**
 * An account as TD's own tools find it.
 * @param {Role} role
 * @param {{ apikey?: string, endpoint?: string }} said
 * @param {Record<string, string | undefined>} env
 * @param {() => Promise<TdConf>} conf
 * @param {(text: string) => void} say
 * @returns {Promise<Account>}
 */
async function ownAccount(role, said, env, conf, say) {
  const fromEnv = said.apikey || env.TD_API_KEY || env.TREASURE_DATA_API_KEY;
  const apikey = fromEnv || (await conf()).apikey;
  if (!apikey) throw missing(role);
  const endpoint =
    said.endpoint || env.TD_API_SERVER || env.TREASURE_DATA_API_SERVER || (await conf()).endpoint;
  if (!fromEnv) say(`The key of ${role.owner} is read from ${(await conf()).path}.`);
  else if (role !== ACCOUNT) say(`The key of ${role.owner} is that of TD_API_KEY.`);
  return { endpoint: endpoint || DEFAULT_SITE, apikey, userAgent };
}

/** @param {Role} role */
function missing({ variable }) {
  return new PetitError('missing_key', `the environment variable ${variable} is not set`);
}

/** How directly an option's value was said. */
const DIRECTNESS = ['default', 'env', 'cli'];

/**
 * Where the user says that an account lives: by its endpoint or its site, whichever was said more directly.
 * @param {Command} command
 * @param {Role} role
 * @returns {string | undefined}
 */
function endpointOf(command, { endpoint, site }) {
  const directness = (/** @type {string} */ name) =>
    DIRECTNESS.indexOf(command.getOptionValueSource(name) ?? 'default');
  const most = directness(endpoint) >= directness(site) ? endpoint : site;
  return directness(most) > 0 ? command.getOptionValue(most) : undefined;
}
