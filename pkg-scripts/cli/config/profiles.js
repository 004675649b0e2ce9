import { stat } from 'node:fs/promises';
import { PetitError } from '../../driver/errors.js';
import { SITES } from '../../shared/sites.js';
import { checkKey } from './api-key.js';
import { KEY_FIELDS, keySourceOf, readKey } from './key-source.js';
import { readTextFile } from './text-file.js';
import { userFile } from './user-file.js';

/** @import { KeySource } from './key-source.js' */

/**
 * An account of the configuration file.
 * @typedef {object} Profile
 * @property {string} name
 * @property {string} endpoint a URL or a site
 * @property {KeySource | undefined} keySource
 */

/**
 * The configuration file.
 * @typedef {object} Profiles
 * @property {string} path of the file
 * @property {Profile[]} accounts
 * @property {KeySource | undefined} mask the secret of masking
 */

const ACCOUNT_FIELDS = ['site', 'endpoint', ...KEY_FIELDS];
const TABLES = ['accounts', 'mask'];
/** Permission bits that let other users read, and change, a file. */
const OTHERS_READ = 0o044;
const OTHERS_WRITE = 0o022;

/**
 * Reads petit's configuration file. A missing file has no accounts.
 * @param {Pick<NodeJS.Process, 'env' | 'platform'>} process
 * @returns {Promise<Profiles>}
 */
export async function readProfiles(process) {
  const path = userFile('config', 'config.toml', process);
  const none = { path: path ?? 'config.toml', accounts: [], mask: undefined };
  const read = path === undefined ? undefined : await readIfExists(path);
  if (read === undefined) return none;
  const profiles = profilesOf(await parse(read.text, none.path), none.path);
  if (process.platform !== 'win32') throwIfExposed(profiles, read.mode);
  return profiles;
}

/**
 * The account of a name.
 * @param {Profiles} profiles
 * @param {string} name
 * @returns {Promise<Profile>}
 */
export async function profileNamed({ path, accounts }, name) {
  const found = accounts.find((account) => account.name === name);
  if (found) return found;
  const names = accounts.map((account) => account.name);
  const { suggestion } = await import('./suggestion.js');
  const known = names.length === 0 ? 'it has no accounts' : await suggestion(name, names);
  const message = `there is no account ${JSON.stringify(name)} in ${path}; ${known}`;
  throw new PetitError('invalid_option', message, {
    hint: `An account is a table such as [accounts.${/^[\w-]+$/.test(name) ? name : 'prod'}] with site and key_env.`,
  });
}

/**
 * The API key of an account.
 * @param {Profile} profile
 * @param {Profiles} profiles
 * @param {{ env: NodeJS.ProcessEnv, signal?: AbortSignal | undefined }} context
 * @returns {Promise<string>}
 */
export async function keyOfProfile({ name, keySource }, { path }, context) {
  const owner = `the account ${JSON.stringify(name)}`;
  if (!keySource) {
    throw new PetitError('missing_key', `${owner} in ${path} has no key`, {
      hint: 'Add key_env or key_command to it, or use --api-key-stdin.',
    });
  }
  const { key, origin } = await readKey(keySource, { owner, path, ...context });
  checkKey(key, origin);
  return key;
}

/** @param {string} path */
async function readIfExists(path) {
  try {
    const text = await readTextFile(path, { what: 'the configuration file', code: 'bad_config' });
    return { text, mode: (await stat(path)).mode };
  } catch (error) {
    if (error instanceof PetitError) throw error;
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new PetitError('bad_config', `the configuration file cannot be read: ${message}`);
  }
}

/**
 * The message has no line of the file, which may contain a key.
 * @param {string} text
 * @param {string} path
 * @returns {Promise<Record<string, unknown>>}
 */
async function parse(text, path) {
  const toml = await import('smol-toml');
  try {
    return toml.parse(text);
  } catch (error) {
    const place = error instanceof toml.TomlError ? `line ${error.line}, column ${error.column} of ` : '';
    throw new PetitError('bad_config', `${place}${path} is not TOML`);
  }
}

/**
 * @param {Record<string, unknown>} document
 * @param {string} path
 * @returns {Profiles}
 */
function profilesOf(document, path) {
  const refused = (/** @type {string} */ reason) => new PetitError('bad_config', `${path} ${reason}`);
  throwIfUnknown(document, TABLES, refused);
  const { accounts = {}, mask = {} } = document;
  if (!isTable(accounts) || !isTable(mask)) throw refused('has accounts or mask that are not tables');
  const inMask = (/** @type {string} */ reason) => refused(`has a table [mask] that ${reason}`);
  throwIfUnknown(mask, KEY_FIELDS, inMask);
  return {
    path,
    accounts: Object.entries(accounts).map(([name, table]) => profileOf(name, table, refused)),
    mask: keySourceOf(mask, inMask),
  };
}

/**
 * @param {string} name
 * @param {unknown} table
 * @param {(reason: string) => PetitError} refused
 * @returns {Profile}
 */
function profileOf(name, table, refused) {
  const here = (/** @type {string} */ reason) =>
    refused(`has an account ${JSON.stringify(name)} that ${reason}`);
  if (!isTable(table)) throw here('is not a table');
  throwIfUnknown(table, ACCOUNT_FIELDS, here);
  const { site, endpoint } = table;
  if ((site === undefined) === (endpoint === undefined)) throw here('needs either site or endpoint');
  const value = site ?? endpoint;
  if (typeof value !== 'string' || value === '') throw here('has a site or an endpoint that is not text');
  const sites = SITES.flatMap(({ names }) => names);
  // The core takes any other text for a host name, and would send the key there.
  if (site !== undefined && !sites.includes(value))
    throw here(`has the unknown site ${JSON.stringify(value)}; the sites are ${sites.join(', ')}`);
  return { name, endpoint: value, keySource: keySourceOf(table, here) };
}

/**
 * @param {Record<string, unknown>} table
 * @param {string[]} known
 * @param {(reason: string) => PetitError} refused
 */
function throwIfUnknown(table, known, refused) {
  const unknown = Object.keys(table).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw refused(`has the unknown entry ${JSON.stringify(unknown)}; it can have ${known.join(', ')}`);
}

/**
 * Refuses a file with a key that others can read, and one with a command that others can replace.
 * @param {Profiles} profiles
 * @param {number} mode
 */
function throwIfExposed({ path, accounts, mask }, mode) {
  const sources = [...accounts.map(({ keySource }) => keySource), mask].filter((source) => source);
  const has = (/** @type {'key' | 'command'} */ kind) => sources.some((source) => source && kind in source);
  const hint = `Remove their permission: chmod 600 ${path}`;
  if (has('key') && mode & OTHERS_READ)
    throw new PetitError('bad_config', `other users can read ${path}, which contains a key`, { hint });
  if ((has('command') || has('key')) && mode & OTHERS_WRITE)
    throw new PetitError('bad_config', `other users can change ${path}, which names where keys come from`, {
      hint,
    });
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isTable = (value) => Object.prototype.toString.call(value) === '[object Object]';
