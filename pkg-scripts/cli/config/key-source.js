import { PetitError } from '../../driver/errors.js';
import { runKeyCommand } from './key-command.js';

/**
 * Where the configuration file takes a key from.
 * @typedef {{ key: string } | { variable: string } | { command: string[] }} KeySource
 */

/** The fields that name a source. */
export const KEY_FIELDS = ['key', 'key_env', 'key_command'];

/**
 * The source of a key in a table of the configuration file.
 * @param {Record<string, unknown>} table
 * @param {(reason: string) => PetitError} refused
 * @returns {KeySource | undefined} undefined if the table names none
 */
export function keySourceOf(table, refused) {
  const [field, another] = KEY_FIELDS.filter((name) => table[name] !== undefined);
  if (field === undefined) return undefined;
  if (another !== undefined) throw refused(`has both ${field} and ${another}`);
  const value = table[field];
  if (field === 'key_command') {
    if (!isCommand(value))
      throw refused('has a key_command that is not a list of a program and its arguments');
    return { command: value };
  }
  if (typeof value !== 'string' || value === '') throw refused(`has a ${field} that is not text`);
  return field === 'key' ? { key: value } : { variable: value };
}

/** @param {unknown} value @returns {value is string[]} */
const isCommand = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((word) => typeof word === 'string') &&
  value[0] !== '';

/**
 * Describes the source without the key. The arguments of a command may contain secrets of their own.
 * @param {KeySource | undefined} source
 * @param {string} path of the configuration file
 */
export function describeKeySource(source, path) {
  if (source === undefined) return 'no key';
  if ('variable' in source) return `key from the environment variable ${source.variable}`;
  return 'command' in source ? `key from the command ${source.command[0]}` : `key in ${path}`;
}

/**
 * Reads the key.
 * @param {KeySource} source
 * @param {{ owner: string, path: string, env: NodeJS.ProcessEnv, signal?: AbortSignal | undefined }} options `owner`: whose
 *   key it is, for messages
 * @returns {Promise<{ key: string, origin: string }>} `origin`: where it comes from, for messages
 */
export async function readKey(source, { owner, path, env, signal }) {
  if ('key' in source) return { key: source.key, origin: path };
  if ('command' in source) {
    const what = `the key_command of ${owner}, ${JSON.stringify(source.command[0])},`;
    return {
      key: await runKeyCommand(source.command, { what, env, signal }),
      origin: 'the output of its command',
    };
  }
  const key = env[source.variable];
  if (key) return { key, origin: source.variable };
  throw new PetitError(
    'missing_key',
    `the environment variable ${source.variable} of ${owner} in ${path} is not set`,
  );
}
