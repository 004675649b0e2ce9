import { PetitError } from '../errors.js';

const SOURCE_MESSAGE =
  'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.';
const DESTINATION_MESSAGE =
  'Authentication failed for destination table. Please verify your API key and destination endpoint configuration.';
const FORBIDDEN_MESSAGE =
  'Access to the destination is forbidden. Please verify that your API key may create tables and import rows there.';

/**
 * Runs work that reads from the source. If the source denies access, the hint of the error says so.
 * @template T
 * @param {() => Promise<T>} work
 */
export const withSourceAccessError = (work) =>
  withAccessError('source_refused', { 401: SOURCE_MESSAGE, 403: SOURCE_MESSAGE, 404: SOURCE_MESSAGE }, work);

/**
 * Runs work that writes to the destination. If the destination denies access, the hint of the error says so. 404 is no such
 * error: a missing database is created.
 * @template T
 * @param {() => Promise<T>} work
 */
export const withDestinationAccessError = (work) =>
  withAccessError('destination_refused', { 401: DESTINATION_MESSAGE, 403: FORBIDDEN_MESSAGE }, work);

/**
 * @template T
 * @param {string} code
 * @param {Record<number, string>} messages by the HTTP statuses that mean that access is denied
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withAccessError(code, messages, work) {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof PetitError ? messages[error.status ?? 0] : undefined;
    if (!(error instanceof PetitError) || message === undefined) throw error;
    const { status, endpoint } = error;
    throw new PetitError(code, error.message, {
      ...{ cause: error, status, endpoint },
      hint: `${message} ${error.hint}`,
    });
  }
}
