import { errorCode, toPetitError } from '../errors.js';
import { wasm } from '../wasm.js';

/** @import { CopyTask } from '../../types.js' */
/** @import { Call, NamingProgress } from '../../core.js' */
/** @import { PetitError } from '../errors.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */

/**
 * The names that one run gives to what it creates for one table. None is used twice.
 * @typedef {object} OwnNames
 * @property {string} first the name of the first attempt
 * @property {number} next number of the next name
 * @property {string[]} abandoned names that were used, and under which something may exist at the end
 */

/** The number of names for one table of one run.  */
const MAX_NAMES = 256;

/**
 * @param {string} first
 * @returns {OwnNames}
 */
export const ownNames = (first) => ({ first, next: 0, abandoned: [] });

/** @param {OwnNames} names */
function takeName(names) {
  if (names.next === MAX_NAMES) throw new RangeError('no more staging names');
  const name = wasm.attemptName(names.first, names.next);
  names.next += 1;
  names.abandoned.push(name);
  return name;
}

/**
 * Nothing exists under this name any more.
 * @param {OwnNames} names
 * @param {string} name
 */
export function release(names, name) {
  names.abandoned = names.abandoned.filter((other) => other !== name);
}

/**
 * Creates something under a name that only this attempt uses. The core decides when a name is in doubt; then the next one
 * is used.
 * @param {{ destination: TdClient, calls: CallContext }} run
 * @param {OwnNames} names
 * @param {(name: string) => Call} toCall
 * @returns {Promise<string>} the name
 */
export async function createUnderOwnName({ destination, calls }, names, toCall) {
  const budget = destination.retryBudget(calls);
  /** @type {NamingProgress} */
  let progress = { names: 0 };
  let name = takeName(names);
  let exhausted = false;
  /** @type {unknown} */
  let error;
  for (;;) {
    const { step } = wasm.nextNamingStep(progress, exhausted);
    if (step === 'ready') return name;
    if (step === 'fail') throw toPetitError(error);
    if (step === 'next_name') name = takeName(names);
    error = undefined;
    try {
      await destination.callOnce(toCall(name), calls);
    } catch (thrown) {
      calls.signal?.throwIfAborted();
      error = thrown;
    }
    const code = errorCode(error);
    progress = wasm.afterNamingStep(progress, { step }, code);
    if (code !== undefined && wasm.isUnanswered(code)) {
      try {
        await budget.backoff(/** @type {PetitError} */ (error));
      } catch (thrown) {
        calls.signal?.throwIfAborted();
        error = thrown;
        exhausted = true;
      }
    }
  }
}

/**
 * The same copy under the name of another attempt. The name of a staging table is unique, so that it can be replaced in the
 * statements as text.
 * @template {CopyTask} C
 * @param {C} copy
 * @param {string} stagingTable
 * @returns {C}
 */
export function withStagingName(copy, stagingTable) {
  const rename = (/** @type {string} */ sql) => sql.replaceAll(copy.stagingTable, stagingTable);
  const { sql, countSql, keptSql } = copy;
  return {
    ...{ ...copy, stagingTable, sql: rename(sql), countSql: rename(countSql) },
    ...(keptSql !== undefined && { keptSql: rename(keptSql) }),
  };
}
