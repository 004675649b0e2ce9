import { errorCode } from '../errors.js';

/** Errors after which a request may have been carried out nevertheless. */
const OUTCOME_UNKNOWN = new Set(['network', 'server_error', 'conflict', 'too_many_requests']);

/** How often something is created that already exists. */
const MAX_ATTEMPTS = 5;

/**
 * Whether the request that failed with this error may have been carried out, so that only a read can tell.
 * @param {unknown} error
 */
export const isOutcomeUnknown = (error) => OUTCOME_UNKNOWN.has(errorCode(error) ?? '');

/**
 * Does what an earlier run, or a call whose reply was lost, may have done already.
 * @param {string} code of the error that says so
 * @param {() => Promise<unknown>} work
 */
export async function ignoringError(code, work) {
  try {
    await work();
  } catch (error) {
    if (errorCode(error) !== code) throw error;
  }
}

/**
 * Creates something under a name that only this run uses. If the name is taken, an earlier attempt, whose reply was lost,
 * has created it: removes it first.
 * @param {() => Promise<unknown>} create
 * @param {() => Promise<unknown>} remove
 */
export async function recreate(create, remove) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await create();
      return;
    } catch (error) {
      if (errorCode(error) !== 'conflict' || attempt === MAX_ATTEMPTS) throw error;
      await ignoringError('not_found', remove);
    }
  }
}
