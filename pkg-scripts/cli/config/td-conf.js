import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PetitError } from '../../driver/errors.js';

/**
 * What the configuration file of TD's own tools says about an account.
 * @typedef {object} TdConf
 * @property {string} path
 * @property {string} [apikey]
 * @property {string} [endpoint]
 */

/**
 * Reads the file where TD's toolbelt keeps its account. Its grammar is the toolbelt's (lib/td/config.rb): `[section]`, `key = value`,
 * `# comment`. No file: nothing said.
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<TdConf>}
 */
export async function readTdConf(env) {
  const path = env.TREASURE_DATA_CONFIG_PATH || env.TD_CONFIG_PATH || join(homedir(), '.td', 'td.conf');
  const entries = parse(await textOf(path), path);
  return { path, apikey: entries.get('account.apikey'), endpoint: entries.get('account.endpoint') };
}

/** @param {string} path */
async function textOf(path) {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new PetitError('bad_config', `the configuration of TD's tools cannot be read: ${message}`);
  }
}

/**
 * @param {string} text
 * @param {string} path
 * @returns {Map<string, string>} values by `section.key`
 */
function parse(text, path) {
  const entries = new Map();
  let section = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const heading = /^\[(.+)\]$/.exec(line);
    const entry = /^(\w+)\s*=\s*(.+)$/.exec(line);
    if (heading) section = heading[1] ?? '';
    else if (entry) entries.set(`${section}.${entry[1]}`, entry[2]);
    // The line itself may hold a key, and is not shown.
    else if (line !== '' && !line.startsWith('#')) {
      throw new PetitError(
        'bad_config',
        `line ${index + 1} of ${path} is neither "[section]" nor "key = value"`,
      );
    }
  }
  return entries;
}
