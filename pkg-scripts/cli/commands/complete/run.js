import { ACCOUNT, findAccounts, SOURCE } from '../../config/accounts.js';
import { profileNamed, readProfiles } from '../../config/profiles.js';
import { configureFetch } from '../../config/proxy.js';
import { ACCOUNT_OPTIONS, NAMED_ARGUMENTS } from '../completion/grammar.js';
import { NameCache } from './name-cache.js';

/** @import { Command } from 'commander' */
/** @import { Account } from '../../../types.js' */
/** @import { ConnectionOptions } from '../../options.js' */
/** @import { AccountRole } from '../../config/accounts.js' */

/** Maximum time that a user waits for names, in milliseconds. */
const TIMEOUT_MS = 2_000;
/** Names that no shell takes for anything else: the names may come from another user. */
const SAFE_NAME = /^[A-Za-z0-9_.-]+$/;

/** @typedef {{ program: Command, process: NodeJS.Process, signal: AbortSignal }} CompletionContext */

/**
 * The names that can stand in place of the current word.
 * @param {CompletionContext} context
 * @param {string[]} words the words before it, from the command on; as bash splits them, at "=" and ":"
 * @param {string} current
 * @returns {Promise<string[]>}
 */
export async function namesFor(context, words, current) {
  const before = joined(words);
  const names = ACCOUNT_OPTIONS.includes(before.at(-1) ?? '')
    ? (await readProfiles(context.process)).accounts.map(({ name }) => name)
    : await argumentNames(context, before, current);
  return names.filter((name) => SAFE_NAME.test(name) && name.startsWith(current)).sort();
}

/**
 * Puts words together again that bash has split.
 * @param {string[]} words
 */
function joined(words) {
  /** @type {string[]} */
  const whole = [];
  let isGlued = false;
  for (const word of words) {
    const isSplitter = /^[=:]+$/.test(word);
    if (whole.length > 0 && (isSplitter || isGlued)) whole.push(whole.pop() + word);
    else whole.push(word);
    isGlued = isSplitter;
  }
  return whole;
}

/**
 * The databases, or the tables of the database on the line.
 * @param {CompletionContext} context
 * @param {string[]} words
 * @param {string} current
 */
async function argumentNames({ program, process, signal }, [name = '', ...words], current) {
  const command = program.commands.find((one) => one.name() === name);
  const argument = NAMED_ARGUMENTS[name];
  if (!command || !argument || current.startsWith('-')) return [];
  const operands = await parse(command, [...words, current]);
  const isTable = operands.length > 1;
  if (isTable && argument !== 'tables') return [];
  const account = await findAccount(command, { process, signal });
  if (!account) return [];
  const database = isTable ? operands[0] : undefined;
  const cache = NameCache.of(account, process);
  const known = cache.read(database);
  if (known) return known;
  await configureFetch(process.env, command.opts());
  const names = await fetchNames(account, database, signal);
  cache.write(database, names);
  return names;
}

/**
 * Parses a line as the command does, without running it.
 * @param {Command} command
 * @param {string[]} words
 * @returns {Promise<string[]>} its arguments
 */
async function parse(command, words) {
  command.exitOverride().configureOutput({ writeOut() {}, writeErr() {}, outputError() {} });
  command.action(() => {});
  await command.parseAsync(words, { from: 'user' });
  return command.args;
}

/**
 * The account whose names complete the line. None if its key would come from standard input, or from a command, which may
 * ask its user.
 * @param {Command} command
 * @param {{ process: NodeJS.Process, signal: AbortSignal }} context
 * @returns {Promise<Account | undefined>}
 */
async function findAccount(command, context) {
  const hasSource = command.options.some(({ long }) => long === '--from');
  const role = hasSource ? SOURCE : ACCOUNT;
  const { apiKeyStdin } = /** @type {ConnectionOptions} */ (command.opts());
  if (apiKeyStdin || (await hasKeyCommand(command, role, context.process))) return undefined;
  const silent = { log() {}, hide() {} };
  return (await findAccounts(command, context, { role }, silent)).role;
}

/** @param {Command} command @param {AccountRole} role @param {NodeJS.Process} process */
async function hasKeyCommand(command, { profileOption }, process) {
  const name = command.getOptionValue(profileOption);
  if (name === undefined) return false;
  const { keySource } = await profileNamed(await readProfiles(process), name);
  return keySource !== undefined && 'command' in keySource;
}

/**
 * @param {Account} account
 * @param {string | undefined} database undefined: the databases themselves
 * @param {AbortSignal} interrupted
 */
async function fetchNames(account, database, interrupted) {
  const { checkAccount, listTables } = await import('../../../node.js');
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(TIMEOUT_MS)]);
  const calls = { signal, retryTimeoutMs: 0, idleTimeoutMs: TIMEOUT_MS };
  const listed =
    database === undefined
      ? (await checkAccount(account, calls)).databases
      : await listTables(account, database, calls);
  return listed.map(({ name }) => name);
}
