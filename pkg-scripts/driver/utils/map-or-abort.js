import pLimit from 'p-limit';
import { interrupted } from '../errors.js';

/**
 * Runs `work` for every item, at most `concurrency` at a time, and returns the results in order. The first failure aborts
 * the items that are running and skips those that wait. It is thrown when all have ended.
 *
 * @template T, R
 * @param {T[]} items
 * @param {{ concurrency: number, signal: AbortSignal }} options
 * @param {(item: T, index: number, signal: AbortSignal) => Promise<R>} work gets a signal that also aborts on the failure
 *   of another item
 * @returns {Promise<R[]>}
 */
export async function mapOrAbort(items, { concurrency, signal }, work) {
  const siblings = new AbortController();
  const either = AbortSignal.any([signal, siblings.signal]);
  const limit = pLimit(concurrency);
  const run = async (/** @type {T} */ item, /** @type {number} */ index) => {
    either.throwIfAborted();
    try {
      return await work(item, index, either);
    } catch (error) {
      siblings.abort(interrupted('the table has failed'));
      throw error;
    }
  };
  const outcomes = await Promise.allSettled(items.map((item, index) => limit(run, item, index)));
  signal.throwIfAborted();
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (reasons.length > 0) throw reasons.find(({ name }) => name !== 'AbortError') ?? reasons[0];
  return outcomes.map((outcome) => /** @type {PromiseFulfilledResult<R>} */ (outcome).value);
}
