import { errorCode, PetitError, toPetitError } from '../errors.js';
import { listSlices } from '../result/job-result.js';
import { trackTable } from '../run/progress.js';
import { wasm } from '../wasm.js';
import { appendRows } from './append.js';
import { bulkImport } from './bulk-import.js';
import { ownNames, release } from './names.js';
import { publish } from './publish.js';
import { keepRows } from './rebuild.js';
import { copyServerSide } from './server-side.js';
import { createStaging, dropAbandoned, verifyStaging } from './staging.js';

/** @import { ClonedTable, CopyTask, PlannedTable } from '../../types.js' */
/** @import { TableProgress } from '../run/progress.js' */
/** @import { CloneRun } from './index.js' */
/** @import { OwnNames } from './names.js' */

/** A table that is copied, with the names that the run may use for it.
 * @typedef {PlannedTable & { copy: CopyTask & { names: OwnNames } }} CloneTask */

/** The run as one table sees it.
 * @typedef {CloneRun & { progress: TableProgress }} TableRun */

/**
 * What copying a table's rows into its staging table returns.
 * @typedef {object} CopiedRows
 * @property {bigint} rows
 * @property {bigint} bytes of the uploaded parts
 * @property {number} parts
 * @property {bigint} downloadedBytes
 * @property {string[]} jobs that read the source
 */

/**
 * Clones one table: its rows go into a staging table, which is verified and then gets the table's name. If anything fails,
 * the staging table and its session are deleted, and the destination's tables are as before.
 *
 * @param {CloneRun} run
 * @param {PlannedTable & { copy: CopyTask }} planned
 * @returns {Promise<ClonedTable>}
 */
export async function cloneTable(run, planned) {
  const names = ownNames(planned.copy.stagingTable);
  const task = { ...planned, copy: { ...planned.copy, names } };
  try {
    return await retryClone(run, task);
  } finally {
    await dropAbandoned(run, names);
  }
}

/**
 * @param {CloneRun} run
 * @param {CloneTask} task
 * @returns {Promise<ClonedTable>}
 */
async function retryClone(run, task) {
  for (let attempt = 1; ; attempt += 1) {
    const id = `${run.id}-${attempt}`;
    try {
      return await attemptClone({ ...trackTable(run, task), id }, task);
    } catch (error) {
      if (wasm.startsAgain(String(errorCode(error)), attempt)) continue;
      throw withContext(error, run, task);
    }
  }
}

/**
 * @param {TableRun} run
 * @param {CloneTask} planned
 * @returns {Promise<ClonedTable>}
 */
async function attemptClone(run, planned) {
  const { table, action, masks, sample } = planned;
  const { clock } = run;
  const began = clock.nowMs();
  const startedAt = new Date(clock.unixMs()).toISOString();
  const isBulkImport = planned.copy.method === 'bulk-import';
  const { jobs, ...copied } =
    action === 'append' ? await appendRows(run, planned) : await replaceTable(run, planned);
  return {
    ...{ table, action, via: isBulkImport ? 'client' : 'engine', startedAt, ...copied },
    ...{ sourceJob: jobs[0] ?? '', jobs, verified: run.verify, masks },
    ...(sample && { sample }),
    seconds: (clock.nowMs() - began) / 1000,
  };
}

/**
 * Copies rows into a staging table, and gives it the table's name.
 * @param {TableRun} run
 * @param {CloneTask} planned
 * @returns {Promise<CopiedRows & { keptRows?: bigint }>}
 */
async function replaceTable(run, planned) {
  const copy = await createStaging(run, planned.copy);
  const task = { ...planned, copy };
  const kept = planned.action === 'rebuild' ? await keepRows(run, task) : undefined;
  const slices = await listSlices(run.source, run.sourceDatabase, copy, run.calls);
  const copied =
    copy.method === 'bulk-import'
      ? await bulkImport(run, task, slices)
      : await copyServerSide(run, task, slices);
  const rows = copied.rows + (kept?.rows ?? 0n);
  await verifyStaging(run, task, rows);
  await kept?.checkUnchanged();
  await publish(run, task, rows);
  release(copy.names, copy.stagingTable);
  return { ...copied, ...(kept && { keptRows: kept.rows }) };
}

/**
 * The error of a table, with its place. A missing staging table or session is reported as lost: the user has named neither.
 * @param {unknown} thrown
 * @param {CloneRun} run
 * @param {CloneTask} task
 */
function withContext(thrown, { sourceDatabase: database }, { table, copy }) {
  const { code, message } = /** @type {PetitError} */ (thrown);
  const isLost = code === 'not_found' && copy.names.abandoned.some((name) => message.includes(name));
  const error = isLost
    ? new PetitError(
        'staging_lost',
        `its staging table or session was removed during the clone: ${message}`,
        {
          cause: thrown,
        },
      )
    : thrown;
  return toPetitError(error, { database, table });
}
