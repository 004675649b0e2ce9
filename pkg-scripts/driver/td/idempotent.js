import { wasm } from '../wasm.js';

/** @import { Call, CallContext, TdClient } from './client.js' */

/**
 * Sends a call. That what it is for is the case already is a success: an earlier run, another run, or an attempt whose reply
 * was lost may have done it. The core knows the answers that say so.
 * @param {TdClient} td
 * @param {Call} call
 * @param {CallContext} context
 * @returns {Promise<any>} undefined if it was done already
 */
export async function callIdempotently(td, call, context) {
  try {
    return await td.call(call, context);
  } catch (error) {
    if (wasm.isDoneAlready(call, String(/** @type {any} */ (error).code))) return undefined;
    throw error;
  }
}
