import { PetitError } from '../errors.js';

const SOURCE_REFUSED =
  'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.';
const DESTINATION_REFUSED =
  'Authentication failed for destination table. Please verify your API key and destination endpoint configuration.';

/**
 * Does what needs the source to let petit in; when it does not, the error says so.
 * @template T
 * @param {() => Promise<T>} work
 */
export const sourceRefused = (work) => refusedAs('source_refused', SOURCE_REFUSED, [401, 403, 404], work);

/**
 * The same for the destination. A missing database is no refusal there: it is created.
 * @template T
 * @param {() => Promise<T>} work
 */
export const destinationRefused = (work) =>
  refusedAs('destination_refused', DESTINATION_REFUSED, [401, 403], work);

/**
 * @template T
 * @param {string} code
 * @param {string} message
 * @param {number[]} statuses that mean a refusal
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function refusedAs(code, message, statuses, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PetitError) || !statuses.includes(error.status ?? 0)) throw error;
    throw new PetitError(code, message, {
      cause: error,
      status: error.status,
      hint: `It said: ${error.message}. ${error.hint}`,
    });
  }
}
