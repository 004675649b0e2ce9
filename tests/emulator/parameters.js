import { ApiError } from './errors.js';

/**
 * What the routes read from a request.
 *
 * @typedef {import('./server.js').Request} Request
 * @typedef {import('./server.js').Caller} Caller
 */

/**
 * @param {Request} request
 * @returns {Caller}
 */
export const callerOf = (request) => /** @type {any} */ (request).caller;

/**
 * The decoded parameters of the path.
 * @param {Request} request
 * @returns {Record<string, string>}
 */
export const pathOf = (request) => /** @type {Record<string, string>} */ (request.params);

/**
 * The parameters of the query string and of the body, in any encoding.
 * @param {Request} request
 * @returns {Record<string, unknown>}
 */
export function paramsOf(request) {
  const body =
    request.body !== null && typeof request.body === 'object' && !('pipe' in request.body)
      ? request.body
      : {};
  return { .../** @type {object} */ (request.query), ...body };
}

/**
 * @param {unknown} value `true`, `True`, `1` … in any case
 * @returns {boolean | undefined} undefined if missing
 */
export function flag(value) {
  if (value === undefined || value === null || value === '') return undefined;
  return ['true', '1', 'yes'].includes(String(value).toLowerCase());
}

/**
 * @param {unknown} value
 * @returns {number | undefined}
 */
export function integer(value) {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (!Number.isInteger(number)) throw new ApiError(422, `Validation failed: ${value} is not an integer`);
  return number;
}

/**
 * @param {unknown} value
 * @returns {string | undefined}
 */
export const text = (value) => (value === undefined || value === null ? undefined : String(value));
