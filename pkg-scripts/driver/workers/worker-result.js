import { PetitError, toPetitError } from '../errors.js';

/**
 * Errors lose their class and fields on the way between threads; as plain data they do not.
 * @template T
 * @typedef {{ value: T } | { error: ReturnType<PetitError['toJSON']>, fatal: boolean }} Answer
 */

/**
 * What `work` gives or throws, as plain data. `fatal`: the thread's WebAssembly instance cannot be used again.
 * @template T
 * @param {() => T} work
 * @returns {Answer<T>}
 */
export function answer(work) {
  try {
    return { value: work() };
  } catch (thrown) {
    const error = /** @type {PetitError} */ (toPetitError(thrown));
    return { error: error.toJSON(), fatal: error.code === 'internal' };
  }
}

/**
 * The other side of `answer`.
 * @template T
 * @param {Answer<T>} answered
 * @returns {T}
 */
export function unwrap(answered) {
  if ('value' in answered) return answered.value;
  const { code, message, ...details } = answered.error;
  throw new PetitError(code, message, details);
}
