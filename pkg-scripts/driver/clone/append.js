import { errorCode, PetitError, toPetitError, unknownStep } from '../errors.js';
import { listSlices } from '../result/job-result.js';
import { countRows } from '../result/query.js';
import { callIdempotently } from '../td/idempotent.js';
import { formatRows } from '../utils/format-rows.js';
import { sleep } from '../utils/sleep.js';
import { verifyContents } from '../verify/verify-contents.js';
import { wasm } from '../wasm.js';
import { bulkImport } from './bulk-import.js';
import { completeSession } from './session.js';
import { verifyCount } from './staging.js';
import { checkAlone, checkUnchanged } from './update-conflict.js';
import { verifyHint } from './verify-hint.js';

/** @import { AppendProgress } from '../../core.js' */
/** @import { CallContext } from '../td/client.js' */
/** @import { CloneTask, CopiedRows, TableRun } from './table.js' */

/** How long it may take to settle the outcome of a commit, in milliseconds. It is longer than a count may lag. */
const SETTLE_TIMEOUT_MS = 40_000;
/** Wait between two looks, in milliseconds. */
const LOOK_INTERVAL_MS = 1_000;

/**
 * Adds the rows of the ranges that differ to the table, by one bulk import session. Its commit adds all of them or none. It
 * returns if they were added, and throws if they were not and will not be, or if that is unknown (`publish_unknown`).
 * @param {TableRun} run
 * @param {CloneTask} task
 * @returns {Promise<CopiedRows>}
 */
export async function appendRows(run, task) {
  const slices = await listSlices(run.source, run.sourceDatabase, task.copy, run.calls);
  // The session loads the table itself.
  const copy = { ...task.copy, stagingTable: task.table };
  const appended = await bulkImport(run, { ...task, copy }, slices, (session, rows) =>
    commit(run, task, session, rows),
  );
  if (appended.rows > 0n) await verifyAppended(run, task, appended.rows);
  return appended;
}

/**
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {string} session
 * @param {bigint} rows
 */
async function commit(run, task, session, rows) {
  const countSql = String(task.update?.countSql);
  let isCommitSent = false;
  const beforeCommit = async () => {
    if (isCommitSent) return;
    await checkAlone(run, task.table);
    await checkUnchanged(run, countSql, 0n);
    isCommitSent = true;
  };
  try {
    await completeSession(run, session, rows, beforeCommit);
  } catch (error) {
    if (!isCommitSent) throw error;
    run.progress.setPhase('publishing');
    await settle(run, task, session, rows, error);
  }
}

/**
 * Finds out what became of a commit. Goes on after an abort, for a limited time.
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {string} session
 * @param {bigint} rows
 * @param {unknown} error of the session
 */
async function settle(run, task, session, rows, error) {
  const { destination, destinationDatabase, clock } = run;
  /** @type {CallContext} */
  const calls = { ...run.calls, signal: clock.timeout(SETTLE_TIMEOUT_MS) };
  /** @type {AppendProgress} */
  let progress = { rows };
  let goneAt = clock.nowMs();
  const gone = () => {
    goneAt = clock.nowMs();
    return { ...progress, isGone: true };
  };
  /** @type {(step: 'look' | 'remove' | 'count') => Promise<AppendProgress>} */
  const take = async (step) => {
    if (step === 'count') {
      if (progress.counted !== undefined) await sleep(LOOK_INTERVAL_MS, calls.signal, clock);
      const counted = await countRows(destination, destinationDatabase, String(task.update?.countSql), calls);
      return { ...progress, counted, sinceGoneMs: Math.round(clock.nowMs() - goneAt) };
    }
    if (step === 'remove') {
      await callIdempotently(destination, { call: 'delete_session', session }, calls);
      return gone();
    }
    if (progress.status !== undefined) await sleep(LOOK_INTERVAL_MS, calls.signal, clock);
    const shown = await callIdempotently(destination, { call: 'show_session', session }, calls);
    return shown ? { ...progress, status: shown.status } : gone();
  };
  for (;;) {
    const next = wasm.nextAppendStep(progress);
    switch (next.step) {
      case 'look':
      case 'remove':
      case 'count':
        try {
          progress = await take(next.step);
        } catch (thrown) {
          // A deletion that TD refuses: the session has another state by now.
          const isConflict = next.step === 'remove' && errorCode(thrown) === 'conflict';
          progress = isConflict ? { rows, status: 'committing' } : { ...progress, isUnreachable: true };
        }
        break;
      case 'added':
        return;
      case 'not_added':
        throw toPetitError(error);
      case 'unknown':
        throw unknown(run, task, error);
      default:
        throw unknownStep(next);
    }
  }
}

/**
 * Checks the rows of the ranges after the commit, as the run's options say.
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {bigint} rows
 */
async function verifyAppended(run, { table, copy, update }, rows) {
  if (run.verify === 'none') return;
  run.progress.setPhase('verifying');
  try {
    await verifyCount(run, String(update?.countSql), rows);
    if (run.verify === 'full')
      await verifyContents(run, table, { ...copy, stagingTable: table }, update?.condition);
  } catch (thrown) {
    if (errorCode(thrown) !== 'verification_failed') throw thrown;
    const { message } = /** @type {PetitError} */ (thrown);
    const hint =
      'Run the same command again: it compares both sides again, and repairs the ranges that differ.';
    const added = `${formatRows(rows)} were added to the table; ${message}`;
    throw new PetitError('verification_failed', added, { cause: thrown, hint });
  }
}

/**
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {unknown} cause
 */
function unknown(run, { table }, cause) {
  const message = `it is unknown whether the rows were added to the table in "${run.destinationDatabase}": Treasure Data does not show what became of the commit`;
  return new PetitError('publish_unknown', message, { cause, hint: verifyHint(run, table) });
}
