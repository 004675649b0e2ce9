import { PetitError } from '../errors.js';

const SOURCE_MESSAGE =
  'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.';
const DESTINATION_MESSAGE =
  'Authentication failed for destination table. Please verify your API key and destination endpoint configuration.';

/**
 * Runs work that reads from the source. If the source denies access, the error says so.
 * @template T
 * @param {() => Promise<T>} work
 */
export const withSourceAccessError = (work) =>
  withAccessError('source_refused', SOURCE_MESSAGE, [401, 403, 404], work);

/**
 * Runs work that writes to the destination. If the destination denies access, the error says so. 404 is no such error: a
 * missing database is created.
 * @template T
 * @param {() => Promise<T>} work
 */
export const withDestinationAccessError = (work) =>
  withAccessError('destination_refused', DESTINATION_MESSAGE, [401, 403], work);

/**
 * @template T
 * @param {string} code
 * @param {string} message
 * @param {number[]} statuses that mean that access is denied
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withAccessError(code, message, statuses, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PetitError) || !statuses.includes(error.status ?? 0)) throw error;
    throw new PetitError(code, message, {
      cause: error,
      status: error.status,
      hint: `Treasure Data said: ${error.message}. ${error.hint}`,
    });
  }
}
