import { PetitError } from '../../driver/errors.js';
import { readTextFile } from './text-file.js';

/** @import { MaskOptions, MaskRule } from '../../types.js' */
/** @import { MaskFlags } from '../options.js' */

/** The variable with the secret. It is no option, so that it is in no list of processes. */
const KEY_VARIABLE = 'PETIT_MASK_KEY';

/**
 * The rules of a command, those of the file first, and the secret.
 * @param {MaskFlags} options
 * @param {NodeJS.ProcessEnv} env
 * @param {(secret: string) => void} hide
 * @returns {Promise<MaskOptions>}
 */
export async function findMasking({ mask = [], maskFile }, env, hide) {
  const fromFile = maskFile === undefined ? [] : await readRules(maskFile);
  const rules = /** @type {MaskRule[]} */ ([...fromFile, ...mask]);
  const secret = env[KEY_VARIABLE];
  if (rules.length === 0 || !secret) return { mask: rules };
  hide(secret);
  return { mask: rules, maskKey: secret };
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
