import { PetitError, toPetitError } from './errors.js';
import { runQuery } from './job.js';
import { loadRows } from './load.js';
import { rowCount } from './plain.js';
import { countRows, createAnew, isDoubtful, removeSession } from './settle.js';
import { sleep, withGrace } from './sleep.js';
import { verifyContents } from './verify-contents.js';
import { waiting } from './waiting.js';

/** @import { Pool } from './pool.js' */
/** @import { Room } from './room.js' */
/** @import { Run, TreasureData } from './td.js' */
/** @import { OnEvent } from './types.js' */
/** @import { Wasm } from './wasm.js' */

/** How long tidying up after a table that failed may take, in milliseconds. */
const TIDY_TIMEOUT_MS = 30_000;
/** How long a table that is being published may still take once the run is to stop, in milliseconds. */
const PUBLISH_GRACE_MS = 5_000;
/** How long the count may lag behind a commit, in milliseconds. */
const COUNT_LAG_MS = 10_000;

/**
 * How a table is copied: see the planner.
 * @typedef {object} CopyTask
 * @property {string} sql
 * @property {string[]} keys
 * @property {string} [schema]
 * @property {number} [expireDays]
 * @property {boolean} [includeV]
 * @property {string} [description]
 * @property {string} stagingTable
 * @property {string} session
 * @property {string} countSql
 * @property {boolean} overwrite
 */

/**
 * @typedef {object} CloneContext
 * @property {Wasm} wasm
 * @property {TreasureData} source
 * @property {TreasureData} destination
 * @property {string} sourceDatabase
 * @property {string} destinationDatabase
 * @property {Pool} pool
 * @property {Room} partRoom for the parts that are uploaded at a time
 * @property {AbortSignal} signal
 * @property {OnEvent} onEvent
 * @property {import('./profile.js').Profile} [profile] counts what the stages do
 */

/**
 * @typedef {object} CloneOptions
 * @property {number} downloadParallelism ranges downloaded, and parts uploaded, at a time
 * @property {number} chunkSize rows decoded at a time
 * @property {'count' | 'full' | 'none'} [verify] what is compared before a table is published (`count`)
 */

/**
 * @typedef {object} ClonedTable
 * @property {string} table
 * @property {string} action `create` or `overwrite`
 * @property {number} rows counted at the destination
 * @property {number} bytes of the parts that were uploaded
 * @property {number} downloadedBytes
 * @property {number} parts
 * @property {number} seconds
 * @property {'count' | 'full' | 'none'} verified what was compared before it was published
 * @property {string} sourceJob
 * @property {string} startedAt ISO 8601: when the source was asked
 */

/**
 * Copies one table: a staging table gets the schema and then the rows, is verified, and takes the table's name. When
 * anything fails, staging table and session are deleted and the destination's tables are as they were.
 *
 * @param {CloneContext} context
 * @param {{ table: string, action: string, rows: number, copy: CopyTask }} planned
 * @param {CloneOptions} options
 * @returns {Promise<ClonedTable>}
 */
export async function cloneTable(context, planned, options) {
  try {
    return await copyTable(context, planned, options);
  } catch (error) {
    await tidyUp(context, planned.copy);
    const place = { database: context.sourceDatabase, table: planned.table };
    throw toPetitError(reasonOf(error, planned.copy), place);
  }
}

/**
 * @param {CloneContext} context
 * @param {{ table: string, action: string, rows: number, copy: CopyTask }} planned
 * @param {CloneOptions} options
 * @returns {Promise<ClonedTable>}
 */
async function copyTable(context, { table, action, rows, copy }, options) {
  const { wasm, source, sourceDatabase, signal, onEvent } = context;
  const began = performance.now();
  const startedAt = new Date().toISOString();
  const done = {
    rows: 0,
    bytes: 0,
    totalRows: rows,
    totalBytes: /** @type {number | undefined} */ (undefined),
  };
  let phase = 'preparing';
  const tell = (waiting = '') =>
    onEvent({ type: 'progress', table, phase, ...done, ...(waiting && { waiting }) });
  const enter = (/** @type {string} */ next) => {
    if (next === phase) return;
    phase = next;
    tell();
  };
  const run = { signal, ...waiting(tell) };
  await createStaging(context, copy, run);
  const job = await runQuery(
    wasm,
    source,
    { database: sourceDatabase, sql: copy.sql },
    {
      ...run,
      onLook(looked, ms) {
        enter(`source job ${looked.status}`);
        run.onLook?.(looked, ms);
      },
    },
  );
  done.totalRows = job.numRecords ?? rows;
  done.totalBytes = job.resultSize;
  const loaded = await loadRows(context, job, copy, options, {
    run,
    enter,
    onBytes: (bytes) => {
      done.bytes += bytes;
      tell();
    },
    onRows: (count) => {
      done.rows += count;
      tell();
    },
  });
  enter('verifying');
  const { verify = 'count' } = options;
  if (verify !== 'none') await verifyCount(context, copy, loaded.rows, run);
  if (verify === 'full') await verifyContents(context, table, copy, run);
  enter('publishing');
  // Whoever interrupts it wants to know whether the table is there.
  await withGrace(signal, PUBLISH_GRACE_MS, (late) =>
    publish(context, table, copy, { ...run, signal: late }),
  );
  return {
    ...{ table, action, startedAt, sourceJob: job.jobId, verified: verify },
    ...{ rows: loaded.rows, bytes: loaded.bytes, parts: loaded.parts, downloadedBytes: done.bytes },
    seconds: (performance.now() - began) / 1000,
  };
}

/**
 * Creates the table that the rows are loaded into, with the source's schema and settings.
 * @param {Pick<CloneContext, 'destination' | 'destinationDatabase'>} context
 * @param {CopyTask} copy
 * @param {Run} run
 */
export async function createStaging({ destination, destinationDatabase: database }, copy, run) {
  const { schema, expireDays, includeV, description } = copy;
  const table = { database, table: copy.stagingTable };
  const create = { call: 'create_table', ...table, schema, expireDays, includeV, description };
  await createAnew(
    () => destination.call(create, run),
    () => destination.call({ call: 'delete_table', ...table }, run),
  );
}

/**
 * The rows are there when COUNT(1) says so; it may lag behind the commit for a moment, but not run ahead of it.
 * @param {CloneContext} context
 * @param {CopyTask} copy
 * @param {number} rows
 * @param {Run} run
 */
async function verifyCount({ wasm, destination, destinationDatabase, signal }, copy, rows, run) {
  const began = performance.now();
  for (;;) {
    const counted = await countRows(wasm, destination, destinationDatabase, copy.countSql, run);
    if (counted === rows) return;
    const elapsedMs = performance.now() - began;
    if (counted > rows || elapsedMs > COUNT_LAG_MS) {
      throw new PetitError(
        'verification_failed',
        `${rowCount(rows)} sent, but the destination counts ${counted}`,
      );
    }
    await sleep(wasm.pollDelayMs(elapsedMs), signal);
  }
}

/**
 * Gives the staging table the table's name, in one step. A rename is not safe to repeat blindly: after a lost answer,
 * whether it was carried out shows by the staging table's absence.
 * @param {CloneContext} context
 * @param {string} table
 * @param {CopyTask} copy
 * @param {Run} run
 */
async function publish({ destination, destinationDatabase: database }, table, copy, run) {
  const { stagingTable, overwrite } = copy;
  const rename = { call: 'rename_table', database, table: stagingTable, newName: table, overwrite };
  const patience = destination.patience(run);
  for (let isInDoubt = false; ; ) {
    try {
      await destination.call(rename, run);
      return;
    } catch (thrown) {
      run.signal?.throwIfAborted();
      const error = /** @type {PetitError} */ (thrown);
      const tells = isDoubtful(error) || error.code === 'not_found';
      if (!tells) throw error;
      isInDoubt ||= error.code === 'network' || error.code === 'server_error';
      if (error.code !== 'not_found' && error.code !== 'conflict') await patience.waitOut(error);
      const tables = await destination.call({ call: 'list_tables', database }, run);
      const isThere = (/** @type {string} */ name) =>
        tables.some((/** @type {{ name: string }} */ one) => one.name === name);
      if (!isThere(stagingTable) && isThere(table) && isInDoubt) return;
      if (error.code === 'not_found') throw error;
      if (error.code === 'conflict') throw isThere(table) ? cameMeanwhile(database, error) : error;
    }
  }
}

/**
 * @param {string} database
 * @param {PetitError} cause
 */
function cameMeanwhile(database, cause) {
  const message = `a table of this name came into "${database}" while the rows were loaded; it was left as it is`;
  return new PetitError('already_exists', message, { cause });
}

/**
 * What made a table fail. Where its own staging table or session is gone, nothing the user named was not found.
 * @param {unknown} error
 * @param {CopyTask} copy
 */
function reasonOf(error, { stagingTable }) {
  const { code, message } = /** @type {PetitError} */ (error);
  if (code !== 'not_found' || !message.includes(stagingTable)) return error;
  return new PetitError('staging_lost', `what was loaded for it has gone meanwhile: ${message}`, {
    cause: error,
  });
}

/**
 * Stops and deletes what the copy of a table left behind. Trouble here is not told: the error that led here is, and the
 * next run finds the leftovers by their names.
 * @param {CloneContext} context
 * @param {CopyTask} copy
 */
async function tidyUp({ destination, destinationDatabase: database }, { session, stagingTable: table }) {
  const run = { signal: AbortSignal.timeout(TIDY_TIMEOUT_MS) };
  // Gone already, or out of reach.
  const ignore = () => {};
  await removeSession(destination, session, run).catch(ignore);
  await destination.call({ call: 'delete_table', database, table }, run).catch(ignore);
}
