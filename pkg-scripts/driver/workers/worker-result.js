import { PetitError, toPetitError } from '../errors.js';

/** @import { ErrorData } from '../../types.js' */

/**
 * The outcome of work in a worker as plain data: a message between threads drops an error's class and fields.
 * `instanceLost`: the worker's WebAssembly instance cannot be used again.
 * @template T
 * @typedef {{ value: T } | { error: ErrorData, instanceLost: boolean }} WorkerResult
 */

/**
 * Runs `work` and returns its outcome as plain data.
 * @template T
 * @param {() => T} work
 * @returns {WorkerResult<T>}
 */
export function toResult(work) {
  try {
    return { value: work() };
  } catch (thrown) {
    const error = /** @type {PetitError} */ (toPetitError(thrown));
    return { error: error.toJSON(), instanceLost: error.code === 'internal' };
  }
}

/**
 * Returns the value of a result, or throws its error.
 * @template T
 * @param {WorkerResult<T>} result
 * @returns {T}
 */
export function fromResult(result) {
  if ('value' in result) return result.value;
  const { code, message, ...details } = result.error;
  throw new PetitError(code, message, details);
}
