import { PetitError } from '../../driver/errors.js';
import { readKey } from './key-source.js';
import { readProfiles } from './profiles.js';
import { readTextFile } from './text-file.js';

/** @import { MaskOptions, MaskRule } from '../../types.js' */
/** @import { MaskFlags } from '../options.js' */

/** The variable with the secret. It is no option, so that it is in no list of processes. */
const KEY_VARIABLE = 'PETIT_MASK_KEY';

/**
 * The rules of a command, those of the file first, and the secret: of the environment, else of the configuration file.
 * @param {MaskFlags} options
 * @param {{ process: Pick<NodeJS.Process, 'env' | 'platform'>, signal?: AbortSignal }} context
 * @param {(secret: string) => void} hide
 * @returns {Promise<MaskOptions>}
 */
export async function findMasking({ mask = [], maskFile }, context, hide) {
  const fromFile = maskFile === undefined ? [] : await readRules(maskFile);
  const rules = /** @type {MaskRule[]} */ ([...fromFile, ...mask]);
  const secret = rules.length === 0 ? undefined : await findSecret(context);
  if (!secret) return { mask: rules };
  hide(secret);
  return { mask: rules, maskKey: secret };
}

/** @param {{ process: Pick<NodeJS.Process, 'env' | 'platform'>, signal?: AbortSignal }} context */
async function findSecret({ process, signal }) {
  const { env } = process;
  if (env[KEY_VARIABLE]) return env[KEY_VARIABLE];
  const { mask, path } = await readProfiles(process);
  return mask && (await readKey(mask, { owner: 'the table [mask]', path, env, signal })).key;
}

/**
 * @param {string} file
 * @returns {Promise<string[]>}
 */
async function readRules(file) {
  const refused = (/** @type {string} */ reason) =>
    new PetitError('invalid_option', `the mask file ${file}: ${reason}`, {
      hint: 'Each line is column = "method", or "table.column" = "method".',
    });
  try {
    const text = await readTextFile(file, { what: 'the mask file' });
    const { parse } = await import('smol-toml');
    return listRules(parse(text), '', refused);
  } catch (error) {
    if (error instanceof PetitError) throw error;
    throw refused(/** @type {Error} */ (error).message);
  }
}

/**
 * The rules of a TOML table. A table inside it has the name of a table of the database.
 * @param {object} table
 * @param {string} prefix
 * @param {(reason: string) => PetitError} refused
 * @returns {string[]}
 */
function listRules(table, prefix, refused) {
  return Object.entries(table).flatMap(([name, value]) => {
    if (typeof value === 'string') return [`${prefix}${name}=${value}`];
    if (isTable(value)) return listRules(value, `${prefix}${name}.`, refused);
    throw refused(`the method of ${prefix}${name} is not text`);
  });
}

/** @param {unknown} value @returns {value is object} */
const isTable = (value) => Object.prototype.toString.call(value) === '[object Object]';
