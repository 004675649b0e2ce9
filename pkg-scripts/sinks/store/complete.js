import { PetitError } from '../../driver/errors.js';
import { RetryBudget } from '../../driver/utils/retry-budget.js';
import { objectExists, StoreError } from './errors.js';

/** @import { SinkContext } from '../../types.js' */
/** @import { Store, Upload, UploadedPart } from './store.js' */

/** How long a completion may take, with its retries, in milliseconds. */
const MAX_MS = 120_000;
/** How long to try to settle a completion that failed, in milliseconds. */
const SETTLE_MS = 15_000;

/**
 * What the completion of an upload works with.
 * @typedef {object} Completion
 * @property {Store} store
 * @property {Upload} upload
 * @property {UploadedPart[]} parts
 * @property {boolean} overwrite
 * @property {string} mark metadata of the object, by which this run knows it
 * @property {Pick<SinkContext, 'onRetry' | 'retryTimeoutMs'>} context
 */

/**
 * Makes an object appear. Settles lost answers by what the store shows. Not interrupted: that would leave the outcome unknown.
 * @param {Completion} completion
 */
export async function completeUpload(completion) {
  const { upload, parts, context } = completion;
  const { onRetry, retryTimeoutMs = MAX_MS } = context;
  const signal = AbortSignal.timeout(MAX_MS);
  const budget = new RetryBudget({ signal, onRetry }, () => Math.min(retryTimeoutMs, MAX_MS));
  // Also with a condition: some stores ignore it.
  await throwIfExists(completion, signal);
  let mayBeDone = false;
  for (;;) {
    try {
      const outcome = await upload.complete(parts, { overwrite: completion.overwrite, signal });
      if (outcome === 'done' || (await isSettled(completion, outcome, { signal, mayBeDone }))) return;
    } catch (error) {
      if (!isUncertain(error)) {
        if (mayBeDone && error instanceof StoreError) return void (await settle(completion, error));
        throw error;
      }
      mayBeDone = true;
      try {
        await budget.retryOrThrow(error);
        if (await isOurs(completion, signal)) return;
      } catch (final) {
        return void (await settle(completion, final));
      }
    }
  }
}

/**
 * Whether the object is there after an answer other than success. If not, another attempt is to be made.
 * @param {Completion} completion
 * @param {'exists' | 'gone' | 'conflict' | 'no_condition'} outcome
 * @param {{ signal: AbortSignal, mayBeDone: boolean }} state `mayBeDone`: the answer of an earlier attempt was lost
 */
async function isSettled(completion, outcome, { signal, mayBeDone }) {
  const { store, upload } = completion;
  const url = store.url(upload.key);
  if (outcome === 'no_condition') {
    await throwIfExists(completion, signal);
    return false;
  }
  if (await isOurs(completion, signal)) return true;
  if (outcome === 'exists' && mayBeDone) return settle(completion, objectExists(url));
  if (outcome === 'exists') throw objectExists(url);
  if (outcome === 'conflict') {
    await throwIfExists(completion, signal);
    throw new StoreError('store_error', `${url}: another write to the object is under way`, '', {
      retryable: true,
    });
  }
  if (mayBeDone) throw unknownOutcome(url);
  throw new PetitError('partial_write', `${url}: another program has aborted the upload`);
}

/**
 * Finds out what a completion did whose answers were lost: an upload that can still be aborted was not completed.
 * @param {Completion} completion
 * @param {unknown} thrown the last error, which is thrown if the object did not appear
 * @returns {Promise<true>}
 */
async function settle(completion, thrown) {
  const { store, upload } = completion;
  const signal = AbortSignal.timeout(SETTLE_MS);
  try {
    const wasThere = await upload.abort({ signal, retryTimeoutMs: SETTLE_MS });
    if (await isOurs(completion, signal)) return true;
    if (wasThere) throw thrown;
  } catch (error) {
    if (error === thrown) throw error;
    // The store does not answer.
  }
  throw unknownOutcome(store.url(upload.key), thrown);
}

/** @param {Completion} completion @param {AbortSignal} signal */
async function isOurs({ store, upload, mark }, signal) {
  const found = await store.head(upload.key, { signal });
  return typeof found === 'object' && found.mark === mark;
}

/** @param {Completion} completion @param {AbortSignal} signal */
async function throwIfExists({ store, upload, overwrite }, signal) {
  if (overwrite || typeof (await store.head(upload.key, { signal })) !== 'object') return;
  throw objectExists(store.url(upload.key));
}

/**
 * Whether the store may have completed the object in spite of an error.
 * @param {unknown} error
 */
const isUncertain = (error) => !(error instanceof PetitError) || error.retryable;

/** @param {string} url @param {unknown} [cause] */
const unknownOutcome = (url, cause) =>
  new PetitError('publish_unknown', `${url}: the store did not say whether the object is complete`, {
    ...(cause !== undefined && { cause }),
    hint: 'List the object: petit writes it whole or not at all. Then run again, with --overwrite if it is there.',
  });
