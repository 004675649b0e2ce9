import { PetitError, toPetitError } from '../errors.js';
import { TableProgress } from '../run/progress.js';
import { countRows, createAnew, removeSession } from '../td/idempotent.js';
import { rowCount } from '../utils/omit-undefined.js';
import { sleep, withGrace } from '../utils/sleep.js';
import { verifyContents } from '../verify/verify-contents.js';
import { moveTable } from './move-table.js';
import { publish } from './publish.js';

/** @import { Pool } from '../workers/pool.js' */
/** @import { Room } from '../utils/byte-semaphore.js' */
/** @import { Run, TreasureData } from '../td/client.js' */
/** @import { OnEvent } from '../types.js' */
/** @import { Wasm } from '../wasm.js' */

/** How long tidying up after a table that failed may take, in milliseconds. */
const TIDY_TIMEOUT_MS = 30_000;
/** How long a table that is being published may still take once the run is to stop, in milliseconds. */
const PUBLISH_GRACE_MS = 5_000;
/** How long the count may lag behind a commit, in milliseconds. */
const COUNT_LAG_MS = 10_000;
/** How often a table is begun anew of which a failed job has written a part. */
const TABLE_TRIES = 2;

/**
 * How a table is copied: see the planner.
 * @typedef {object} CopyTask
 * @property {'fetch' | 'insert' | 'output'} method what moves the rows: petit, a job of the destination's, or the source's
 * @property {string} sql
 * @property {string[]} keys
 * @property {string} [schema]
 * @property {number} [expireDays]
 * @property {boolean} [includeV]
 * @property {string} [description]
 * @property {string} stagingTable
 * @property {string} session
 * @property {string} countSql
 * @property {string} sourceCountSql
 * @property {bigint} [sliceRows] rows of a slice, if the table is cut into several jobs
 * @property {string} slicesSql
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
 * @property {string} runId what no other run has
 * @property {AbortSignal} signal
 * @property {OnEvent} onEvent
 * @property {import('../run/profile.js').Profile} [profile] counts what the stages do
 */

/**
 * @typedef {object} CloneOptions
 * @property {number} downloadParallelism jobs of a table, ranges downloaded, and parts uploaded, at a time
 * @property {number} chunkSize rows decoded at a time
 * @property {'count' | 'full' | 'none'} [verify] what is compared before a table is published (`count`)
 */

/**
 * @typedef {object} ClonedTable
 * @property {string} table
 * @property {string} action `create` or `overwrite`
 * @property {'client' | 'engine'} via
 * @property {bigint} rows counted at the destination
 * @property {bigint} bytes of the parts that were uploaded
 * @property {bigint} downloadedBytes
 * @property {number} parts
 * @property {number} seconds
 * @property {'count' | 'full' | 'none'} verified what was compared before it was published
 * @property {string} sourceJob the first of `jobs`
 * @property {string[]} jobs that read the source
 * @property {string} startedAt ISO 8601: when the source was asked
 */

/** @typedef {{ table: string, action: string, rows: bigint, bytes?: bigint, copy: CopyTask }} Planned */

/**
 * Copies one table: a staging table gets the schema and then the rows, is verified, and takes the table's name. When
 * anything fails, staging table and session are deleted and the destination's tables are as they were.
 *
 * @param {CloneContext} context
 * @param {Planned} planned
 * @param {CloneOptions} options
 * @returns {Promise<ClonedTable>}
 */
export async function cloneTable(context, planned, options) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await copyTable({ ...context, runId: `${context.runId}-${tries}` }, planned, options);
    } catch (error) {
      await tidyUp(context, planned.copy);
      if (/** @type {any} */ (error).code === 'half_written' && tries < TABLE_TRIES) continue;
      const place = { database: context.sourceDatabase, table: planned.table };
      throw toPetitError(reasonOf(error, planned.copy), place);
    }
  }
}

/**
 * @param {CloneContext} context
 * @param {Planned} planned
 * @param {CloneOptions} options
 * @returns {Promise<ClonedTable>}
 */
async function copyTable(context, planned, options) {
  const { table, action, copy } = planned;
  const { verify = 'count' } = options;
  const began = performance.now();
  const startedAt = new Date().toISOString();
  const progress = new TableProgress(context, planned);
  const { run } = progress;
  await createStaging(context, copy, run);
  const { jobs, ...moved } = await moveTable(context, planned, options, progress);
  progress.enter('verifying');
  if (verify !== 'none') await verifyCount(context, copy, moved.rows, run);
  if (verify === 'full') await verifyContents(context, table, copy, run);
  progress.enter('publishing');
  // Whoever interrupts it wants to know whether the table is there.
  await withGrace(context.signal, PUBLISH_GRACE_MS, (late) =>
    publish(context, table, copy, { ...run, signal: late }),
  );
  return {
    ...{ table, action, via: copy.method === 'fetch' ? 'client' : 'engine', startedAt, ...moved },
    ...{ sourceJob: jobs[0] ?? '', jobs, verified: verify },
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
 * @param {bigint} rows
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
