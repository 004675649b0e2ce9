import { toPetitError, unknownStep } from '../errors.js';
import { callIdempotently } from '../td/idempotent.js';
import { sleep } from '../utils/sleep.js';
import { wasm } from '../wasm.js';
import { createUnderOwnName } from './names.js';

/** @import { SessionChange, SessionInfo, SessionProgress } from '../../core.js' */
/** @import { PetitError } from '../errors.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */
/** @import { CloneRun } from './index.js' */
/** @import { CloneTask, TableRun } from './table.js' */

/** How many refused records an error describes, and how many bytes of them are decoded. */
const SAMPLE = { records: 3, bytes: 64 * 1024 };

/** Time between two looks at a session that is being committed, in milliseconds. */
const COMMIT_POLL_MS = 500;

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
 * @param {CloneRun['clock']} clock
 */
export async function deleteSession(td, session, calls, clock) {
  /** @type {SessionInfo | undefined} */
  let seen;
  let isJobKilled = false;
  let waitedMs = 0;
  for (;;) {
    const next = wasm.nextSessionRemovalStep(seen, isJobKilled, waitedMs);
    if (next.step === 'look') {
      seen = await callIdempotently(td, { call: 'show_session', session }, calls);
      if (!seen) return;
    } else if (next.step === 'wait') {
      await sleep(COMMIT_POLL_MS, calls.signal, clock);
      waitedMs += COMMIT_POLL_MS;
      seen = undefined;
    } else if (next.step === 'kill_job') {
      await td.call({ call: 'kill_job', jobId: next.job }, calls);
      isJobKilled = true;
    } else {
      await callIdempotently(td, { call: 'delete_session', session }, calls);
      return;
    }
  }
}

/**
 * Completes a session whose parts are uploaded: freezes, performs and commits it. TD keeps the session's state; the core
 * derives the next step from it, so that no call is repeated blindly.
 * @param {TableRun} run
 * @param {string} session
 * @param {bigint} rowsSent
 * @param {() => Promise<void>} [beforeCommit] may throw
 */
export async function completeSession(run, session, rowsSent, beforeCommit = async () => {}) {
  const { destination, calls, progress, clock } = run;
  /** @type {SessionProgress} */
  let sent = { rowsSent };
  const budget = destination.retryBudget(calls);
  let since = clock.nowMs();

  const send = async (/** @type {SessionChange} */ change) => {
    since = clock.nowMs();
    try {
      await destination.call({ call: `${change}_session`, session }, calls);
      budget.reset();
      // A success is never final.
      sent = wasm.afterSessionChange(sent, change, undefined) ?? sent;
    } catch (thrown) {
      calls.signal?.throwIfAborted();
      const error = /** @type {PetitError} */ (toPetitError(thrown));
      const after = wasm.afterSessionChange(sent, change, error.code ?? 'network');
      if (!after) throw error;
      sent = after;
      await budget.backoff(error);
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
        await send('freeze');
        break;
      case 'perform':
        progress.setPhase('performing');
        await send('perform');
        break;
      case 'commit':
        progress.setPhase('committing');
        await beforeCommit();
        await send('commit');
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
