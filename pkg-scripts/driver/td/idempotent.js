import { errorCode } from '../errors.js';
import { wasm } from '../wasm.js';

/** @import { Call } from '../../core.js' */
/** @import { CallContext, ReplyTo, TdClient } from './client.js' */

/**
 * Sends a call. That what it is for is the case already is a success: an earlier run, another run, or an attempt whose reply
 * was lost may have done it. The core knows the answers that say so.
 * @template {Call} C
 * @param {TdClient} td
 * @param {C} call
 * @param {CallContext} context
 * @returns {Promise<ReplyTo<C> | undefined>} undefined if it was done already
 */
export async function callIdempotently(td, call, context) {
  try {
    return await td.call(call, context);
  } catch (error) {
    if (wasm.isDoneAlready(call, String(errorCode(error)))) return undefined;
    throw error;
  }
}
