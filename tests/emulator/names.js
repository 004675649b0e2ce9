import { ApiError } from './errors.js';

/**
 * TD's rules for names. The longest name differs by page (128, 255, 256): this takes what any of them allows.
 */
const SHORTEST = 3;
const LONGEST = 256;

/**
 * @param {string} name of a database or table
 * @param {string} what for the message
 * @throws {ApiError} 400
 */
export function checkName(name, what) {
  if (name.length < SHORTEST || name.length > LONGEST) {
    const bounds = `must be ${SHORTEST} to ${LONGEST} characters`;
    throw new ApiError(400, `${what} name ${bounds}, got ${name.length} characters. name: '${name}'`);
  }
  if (!/^[a-z0-9_]+$/.test(name)) {
    throw new ApiError(
      400,
      `${what} name must only consist of lower-case alphabets, numbers and '_'. name: '${name}'`,
    );
  }
  if (name === 'information_schema') throw new ApiError(400, `${what} name is reserved: '${name}'`);
}

/** @param {string} name in lower case, not beginning with a digit: one that SQL takes without an alias */
export const isSqlName = (name) => /^[a-z_][a-z0-9_]*$/.test(name);

/**
 * The alias that the system gives to a key which is no SQL name.
 * @param {string} key
 * @param {Set<string>} taken
 */
export function makeAlias(key, taken) {
  const clean = key.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');
  const base = /^[a-z_]/.test(clean) ? clean : `_${clean}`;
  let alias = base;
  for (let number = 2; taken.has(alias); number += 1) alias = `${base}_${number}`;
  return alias;
}
