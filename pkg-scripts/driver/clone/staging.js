import { PetitError } from '../errors.js';
import { countRows } from '../result/query.js';
import { callIdempotently } from '../td/idempotent.js';
import { formatRows } from '../utils/format-rows.js';
import { sleep } from '../utils/sleep.js';
import { verifyContents } from '../verify/verify-contents.js';
import { wasm } from '../wasm.js';
import { createUnderOwnName, withStagingName } from './names.js';
import { deleteSession } from './session.js';
import { verifySchema } from './verify-schema.js';

/** @import { CloneRun } from './index.js' */
/** @import { OwnNames } from './names.js' */
/** @import { CloneTask, TableRun } from './table.js' */

/** How long deleting the staging table of a failed table may take, in milliseconds. */
const DROP_TIMEOUT_MS = 30_000;
/** How long the row count may lag behind a commit, in milliseconds. */
const COUNT_LAG_MS = 10_000;

/**
 * Creates the staging table of an attempt, with the source's schema and settings.
 * @template {CloneTask['copy']} C
 * @param {CloneRun} run
 * @param {C} copy
 * @returns {Promise<C>} the copy under the name of the attempt
 */
export async function createStaging(run, copy) {
  const { schema, expireDays, includeV, description, names } = copy;
  const settings = { schema, expireDays, includeV, description };
  const database = run.destinationDatabase;
  const name = await createUnderOwnName(run, names, (table) => ({
    call: 'create_table',
    ...{ database, table, ...settings },
  }));
  return withStagingName(copy, name);
}

/**
 * Verifies the staging table: always its schema, and its rows as the run's options say.
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {bigint} rows that were sent
 */
export async function verifyStaging(run, { table, copy, update }, rows) {
  run.progress.setPhase('verifying');
  await verifySchema(run, copy);
  if (run.verify !== 'none') await verifyCount(run, copy.countSql, rows);
  if (run.verify === 'full') await verifyContents(run, table, copy, update?.condition);
}

/**
 * The row count may lag behind the commit for a moment, but it is never ahead.
 * @param {CloneRun} run
 * @param {string} countSql
 * @param {bigint} rows
 */
export async function verifyCount({ destination, destinationDatabase, calls, clock }, countSql, rows) {
  const began = clock.nowMs();
  for (;;) {
    const counted = await countRows(destination, destinationDatabase, countSql, calls);
    if (counted === rows) return;
    const elapsedMs = clock.nowMs() - began;
    if (counted > rows || elapsedMs > COUNT_LAG_MS) {
      throw new PetitError(
        'verification_failed',
        `${formatRows(rows)} sent, but the destination counts ${counted}`,
      );
    }
    await sleep(wasm.pollDelayMs(elapsedMs), calls.signal, clock);
  }
}

/**
 * Deletes the sessions and staging tables that nobody uses any more. Ignores errors: the caller may have one to throw
 * already, and the next run finds the orphans by their names.
 * @param {CloneRun} run
 * @param {OwnNames} names
 */
export async function dropAbandoned(run, { abandoned }) {
  const calls = { signal: run.clock.timeout(DROP_TIMEOUT_MS) };
  const ignore = () => {};
  for (const name of abandoned) {
    await deleteSession(run.destination, name, calls, run.clock).catch(ignore);
    await deleteStagingTable({ ...run, calls }, name).catch(ignore);
  }
}

/**
 * @param {Pick<CloneRun, 'destination' | 'destinationDatabase' | 'calls'>} run
 * @param {string} table
 */
export function deleteStagingTable({ destination, destinationDatabase: database, calls }, table) {
  return callIdempotently(destination, { call: 'delete_table', database, table }, calls);
}
