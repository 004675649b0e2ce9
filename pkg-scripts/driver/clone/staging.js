import { PetitError } from '../errors.js';
import { countRows } from '../result/query.js';
import { ignoringError, recreate } from '../td/idempotent.js';
import { formatRows } from '../utils/format-rows.js';
import { sleep } from '../utils/sleep.js';
import { verifyContents } from '../verify/verify-contents.js';
import { wasm } from '../wasm.js';
import { deleteSession } from './session.js';
import { verifySchema } from './verify-schema.js';

/** @import { CopyTask } from '../../types.js' */
/** @import { CloneRun } from './index.js' */
/** @import { CloneTask, TableRun } from './table.js' */

/** How long deleting the staging table of a failed table may take, in milliseconds. */
const DROP_TIMEOUT_MS = 30_000;
/** How long the row count may lag behind a commit, in milliseconds. */
const COUNT_LAG_MS = 10_000;

/**
 * Creates the staging table, with the source's schema and settings.
 * @param {CloneRun} run
 * @param {CopyTask} copy
 */
export async function createStaging({ destination, destinationDatabase: database, calls }, copy) {
  const { stagingTable: table, schema, expireDays, includeV, description } = copy;
  const call = { call: 'create_table', database, table, schema, expireDays, includeV, description };
  await recreate(
    () => destination.call(call, calls),
    () => destination.call({ call: 'delete_table', database, table }, calls),
  );
}

/**
 * Verifies the staging table: always its schema, and its rows as the run's options say.
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {bigint} rows that were sent
 */
export async function verifyStaging(run, { table, copy }, rows) {
  run.progress.setPhase('verifying');
  await verifySchema(run, copy);
  if (run.verify !== 'none') await verifyCount(run, copy, rows);
  if (run.verify === 'full') await verifyContents(run, table, copy);
}

/**
 * The row count may lag behind the commit for a moment, but it is never ahead.
 * @param {CloneRun} run
 * @param {CopyTask} copy
 * @param {bigint} rows
 */
async function verifyCount({ destination, destinationDatabase, calls }, { countSql }, rows) {
  const began = performance.now();
  for (;;) {
    const counted = await countRows(destination, destinationDatabase, countSql, calls);
    if (counted === rows) return;
    const elapsedMs = performance.now() - began;
    if (counted > rows || elapsedMs > COUNT_LAG_MS) {
      throw new PetitError(
        'verification_failed',
        `${formatRows(rows)} sent, but the destination counts ${counted}`,
      );
    }
    await sleep(wasm.pollDelayMs(elapsedMs), calls.signal);
  }
}

/**
 * Deletes the session and the staging table of a table that failed. Ignores errors: the caller has one to throw already,
 * and the next run finds the leftovers by their names.
 * @param {CloneRun} run
 * @param {CopyTask} copy
 */
export async function dropStaging(run, { session, stagingTable }) {
  const calls = { signal: AbortSignal.timeout(DROP_TIMEOUT_MS) };
  const ignore = () => {};
  await deleteSession(run.destination, session, calls).catch(ignore);
  await deleteStagingTable({ ...run, calls }, stagingTable).catch(ignore);
}

/**
 * @param {Pick<CloneRun, 'destination' | 'destinationDatabase' | 'calls'>} run
 * @param {string} table
 */
export function deleteStagingTable({ destination, destinationDatabase: database, calls }, table) {
  return ignoringError('not_found', () => destination.call({ call: 'delete_table', database, table }, calls));
}
