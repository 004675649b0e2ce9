import { ApiError } from './errors.js';

/**
 * TD's rules for names. TD's pages differ on the maximum length (128, 255, 256); this is the largest of them.
 */
const MIN_LENGTH = 3;
const MAX_LENGTH = 256;

/**
 * @param {string} name of a database or table
 * @param {string} what the kind of name, for the message
 * @throws {ApiError} 400
 */
export function checkName(name, what) {
  if (name.length < MIN_LENGTH || name.length > MAX_LENGTH) {
    const bounds = `must be ${MIN_LENGTH} to ${MAX_LENGTH} characters`;
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

/** Whether SQL accepts the name without an alias: lower case, not starting with a digit. @param {string} name */
export const isSqlName = (name) => /^[a-z_][a-z0-9_]*$/.test(name);

/**
 * The alias that TD assigns to a key that is not a valid SQL name.
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
