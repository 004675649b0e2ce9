import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PetitError } from '../../driver/errors.js';

/** Options with a file that petit writes besides its output. The driver checks the output itself. */
const WRITTEN = /** @type {const} */ (['report', 'logFile']);
const FILES = /** @type {const} */ (['output', ...WRITTEN, 'queryFile', 'maskFile', 'caFile']);

/** @typedef {Partial<Record<(typeof FILES)[number], string>>} FileOptions */

/**
 * Checks the paths of a command before its first request, so that no finished run lacks its report.
 * @param {FileOptions} options
 */
export async function checkPaths(options) {
  /** @type {Map<string, string>} */
  const given = new Map();
  for (const name of FILES) {
    const path = options[name];
    if (path !== undefined) given.set(name, path);
  }
  for (const [name, path] of given) throwIfAddress(name, path);
  for (const name of WRITTEN) {
    const path = given.get(name);
    if (path !== undefined) await checkWritable(name, path);
  }
  await throwIfSame(given);
}

/** @param {string} name of the option's attribute */
const optionName = (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * The message omits the address, which can contain a password.
 * @param {string} name
 * @param {string} path
 */
function throwIfAddress(name, path) {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path) ?? [];
  // The core checks the addresses of outputs.
  if (scheme === undefined || name === 'output') return;
  throw new PetitError(
    'invalid_option',
    `${optionName(name)} takes a file of this computer, not an address (${scheme}://…)`,
  );
}

/** @param {string} name @param {string} path */
async function checkWritable(name, path) {
  const { findTarget } = await import('../../sinks/disk/target.js');
  const { kind, reason } = await findTarget(path);
  if (kind === 'folder') throw new PetitError('path_conflict', `${optionName(name)}: ${path} is a folder`);
  if (kind === 'unusable') throw new PetitError('cannot_write', `${optionName(name)}: ${path}: ${reason}`);
}

/**
 * @param {Map<string, string>} given the paths by option
 */
async function throwIfSame(given) {
  /** @type {Map<string, string>} */
  const owners = new Map();
  for (const [name, path] of given) {
    const real = await realpath(path).catch(() => resolve(path));
    if (real.startsWith('/dev/')) continue;
    const owner = owners.get(real);
    if (owner !== undefined) {
      const message = `${optionName(owner)} and ${optionName(name)} name the same file ${path}`;
      throw new PetitError('invalid_option', message);
    }
    owners.set(real, name);
  }
}
