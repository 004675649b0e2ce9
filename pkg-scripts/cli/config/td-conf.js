import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { exposureWarning } from './file-permissions.js';
import { readTextFile } from './text-file.js';

/**
 * The account in the configuration file of TD's toolbelt.
 * @typedef {object} TdConf
 * @property {string} path of the file
 * @property {string} [warning] that other users can read its key
 * @property {string} [apikey]
 * @property {string} [endpoint]
 */

/**
 * Reads the account that `td account` stored. A missing file has no account.
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<TdConf>}
 */
export async function readTdConf(env) {
  const path = env.TREASURE_DATA_CONFIG_PATH || env.TD_CONFIG_PATH || defaultPath();
  if (path === undefined) return { path: 'td.conf' };
  const values = parseTdConf(await readIfExists(path), path);
  const apikey = values.get('account.apikey');
  const warning = apikey && exposureWarning(path, await stat(path));
  return { path, apikey, warning, endpoint: values.get('account.endpoint') };
}

/** @returns {string | undefined} undefined for a user without a home folder, as in some containers */
function defaultPath() {
  try {
    return join(homedir(), '.td', 'td.conf');
  } catch {
    return undefined;
  }
}

/**
 * @param {string} path
 * @returns {Promise<string>} the empty text if there is no file
 */
async function readIfExists(path) {
  try {
    return await readTextFile(path, { what: 'the configuration file', code: 'bad_config' });
  } catch (error) {
    if (error instanceof PetitError) throw error;
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new PetitError(
      'bad_config',
      `the configuration file of Treasure Data’s toolbelt cannot be read: ${message}`,
    );
  }
}

/**
 * Parses the toolbelt's grammar (lib/td/config.rb): `[section]`, `key = value`, `# comment`. The usual ini parsers take
 * any other line for a key without a value. Here it is an error, as it is in the toolbelt, because a mistyped line would
 * otherwise make petit use another account.
 * @param {string} text
 * @param {string} path
 * @returns {Map<string, string>} values by `section.key`
 */
function parseTdConf(text, path) {
  const values = new Map();
  let section = '';
  for (const [index, rawLine] of text.split('\n').entries()) {
    const line = rawLine.trim();
    const heading = /^\[(.+)\]$/.exec(line);
    const entry = /^(\w+)\s*=\s*(.+)$/.exec(line);
    if (heading) section = heading[1] ?? '';
    else if (entry) values.set(`${section}.${entry[1]}`, entry[2]);
    // The message omits the line, which can contain a key.
    else if (line !== '' && !line.startsWith('#')) {
      throw new PetitError(
        'bad_config',
        `line ${index + 1} of ${path} is neither "[section]" nor "key = value"`,
      );
    }
  }
  return values;
}
