import { toPetitError, unknownStep } from '../errors.js';
import { ignoringError, isOutcomeUnknown } from '../td/idempotent.js';
import { sleep } from '../utils/sleep.js';
import { wasm } from '../wasm.js';
import { createUnderOwnName } from './names.js';

/** @import { PetitError } from '../errors.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */
/** @import { CloneRun } from './index.js' */
/** @import { CloneTask, TableRun } from './table.js' */

/** How many refused records an error describes, and how many bytes of them are decoded. */
const SAMPLE = { records: 3, bytes: 64 * 1024 };

/**
 * Creates the bulk import session of a table.
 * @param {CloneRun} run
 * @param {CloneTask['copy']} copy
 * @returns {Promise<string>} its name
 */
export async function createSession(run, { names, stagingTable: table }) {
  const database = run.destinationDatabase;
  return createUnderOwnName(run, names, (session) => ({
    call: 'create_session',
    ...{ session, database, table },
  }));
}

/**
 * Deletes a bulk import session, and kills the job that performs it.
 * @param {TdClient} td
 * @param {string} session
 * @param {CallContext} calls
 */
export async function deleteSession(td, session, calls) {
  await ignoringError('not_found', async () => {
    const { status, jobId } = await td.call({ call: 'show_session', session }, calls);
    if (status === 'performing' && jobId) await td.call({ call: 'kill_job', jobId }, calls);
    await td.call({ call: 'delete_session', session }, calls);
  });
}

/**
 * Completes a session whose parts are uploaded: freezes, performs and commits it. TD keeps the session's state; the core
 * derives the next step from it, so that no call is repeated blindly.
 * @param {TableRun} run
 * @param {string} session
 * @param {bigint} rowsSent
 */
export async function completeSession(run, session, rowsSent) {
  const { destination, calls, progress, clock } = run;
  const sent = { rowsSent, performs: 0, performInDoubt: false, commits: 0, commitInDoubt: false };
  const budget = destination.retryBudget(calls);
  let freezes = 0;
  let since = clock.nowMs();

  /** Sends a call. Returns whether its outcome is unknown. */
  const send = async (/** @type {'perform_session' | 'commit_session'} */ call) => {
    since = clock.nowMs();
    try {
      await destination.call({ call, session }, calls);
      budget.reset();
      return false;
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error;
      await budget.backoff(/** @type {PetitError} */ (error));
      return true;
    }
  };

  for (;;) {
    const shown = await destination.call({ call: 'show_session', session }, calls);
    const job = shown.jobId
      ? await destination.call({ call: 'show_job', jobId: shown.jobId }, calls)
      : undefined;
    const sinceLastMs = Math.round(clock.nowMs() - since);
    const next = wasm.nextSessionStep(shown, job, { ...sent, sinceLastMs });
    switch (next.step) {
      case 'freeze':
        freezes += 1;
        await freeze(run, session, freezes);
        break;
      case 'perform':
        progress.setPhase('performing');
        sent.performInDoubt = await send('perform_session');
        if (!sent.performInDoubt) sent.performs += 1;
        break;
      case 'commit':
        progress.setPhase('committing');
        sent.commitInDoubt = await send('commit_session');
        if (!sent.commitInDoubt) sent.commits += 1;
        break;
      case 'wait':
        if (job) calls.onPoll?.(job, clock.nowMs() - since);
        await sleep(wasm.pollDelayMs(clock.nowMs() - since), calls.signal, clock);
        break;
      case 'done':
        return;
      case 'fail':
        throw await withRefusedRecords(run, session, shown, next.error);
      default:
        throw unknownStep(next);
    }
  }
}

/**
 * A conflict on the first call may mean that the session is frozen and the reply was lost: the session's state tells.
 * @param {TableRun} run
 * @param {string} session
 * @param {number} attempt
 */
async function freeze({ destination, calls }, session, attempt) {
  const send = () => destination.call({ call: 'freeze_session', session }, calls);
  await (attempt === 1 ? ignoringError('conflict', send) : send());
}

/**
 * The error of a session, with a sample of the records that TD rejected.
 * @param {TableRun} run
 * @param {string} session
 * @param {{ errorRecords?: bigint }} shown
 * @param {unknown} failure
 */
async function withRefusedRecords({ destination, calls, showValues }, session, { errorRecords }, failure) {
  const error = toPetitError(failure);
  if (!errorRecords) return error;
  try {
    const bytes = await destination.call({ call: 'error_records', session }, calls);
    const records = wasm.sampleRecords(bytes.subarray(0, SAMPLE.bytes), SAMPLE.records, showValues);
    const shown = records.map((record) => (showValues ? record : `a record with ${record}`));
    error.message += `; for example ${shown.join('; ')}`;
  } catch {
    error.message += '; the records could not be read';
  }
  return error;
}
