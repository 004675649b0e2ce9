import { PetitError } from '../../../driver/errors.js';
import { describeKeySource } from '../../config/key-source.js';
import { readProfiles } from '../../config/profiles.js';

/** @import { Check } from '../../../types.js' */
/** @import { Profile, Profiles } from '../../config/profiles.js' */

/**
 * The accounts of the configuration file: a check for each, or one for a file that is not usable.
 * @param {Pick<NodeJS.Process, 'env' | 'platform'>} process
 * @returns {Promise<Check[]>}
 */
export async function profileChecks(process) {
  try {
    const profiles = await readProfiles(process);
    return profiles.accounts.map((account) => profileCheck(account, profiles, process.env));
  } catch (error) {
    if (!(error instanceof PetitError)) throw error;
    const { code, message, hint } = error;
    return [{ check: 'account', state: 'failed', message, code, hint }];
  }
}

/**
 * Names the account, its site and where its key comes from. Reads no key, and runs no command.
 * @param {Profile} profile
 * @param {Profiles} profiles
 * @param {NodeJS.ProcessEnv} env
 * @returns {Check}
 */
function profileCheck({ name, endpoint, keySource }, { path }, env) {
  const source = describeKeySource(keySource, path);
  const isUnset = keySource !== undefined && 'variable' in keySource && !env[keySource.variable];
  const message = `${name}: ${endpoint}, ${source}${isUnset ? ', which is not set' : ''}`;
  if (keySource && !isUnset) return { check: 'account', state: 'ok', message };
  return { check: 'account', state: 'not_checked', message };
}
