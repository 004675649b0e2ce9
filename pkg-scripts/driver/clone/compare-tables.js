import { pMapIterable } from 'p-map';
import { PetitError, toPetitError } from '../errors.js';
import { compareWithCopy, rangeGridNow } from '../result/compare-ranges.js';
import { DEFAULTS } from '../run/options.js';
import { sleep } from '../utils/sleep.js';
import { wasm } from '../wasm.js';

/** @import { TableComparison } from '../../core.js' */
/** @import { CloneRequest, ClonePlan, PlannedTable } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TableList, TdClient } from '../td/client.js' */

/** How long sessions that are being committed are waited for before a table is compared, in milliseconds. */
const COMMIT_TIMEOUT_MS = 60_000;

/**
 * Both sides of an update.
 * @typedef {object} Sides
 * @property {TdClient} source
 * @property {TdClient} destination
 * @property {TableList} sourceTables
 */

/**
 * What the tables of both sides have in common.
 * @typedef {object} Compared
 * @property {TableComparison[]} comparisons
 * @property {Map<string, PetitError>} failures by table
 */

/**
 * Compares the tables that a plan must know before it can say what to update, some at a time. A table that cannot be compared
 * does not stop the others.
 * @param {RunContext} run
 * @param {Sides} sides
 * @param {ClonePlan} plan
 * @param {Pick<CloneRequest, 'verify'>} options
 * @returns {Promise<Compared>}
 */
export async function compareTables(run, sides, plan, options) {
  const tables = plan.tables.filter(({ action }) => action === 'compare');
  const { calls, clock } = run;
  if (tables.length > 0) await waitForCommits(sides.destination, plan.destinationDatabase, { calls, clock });
  const concurrency = run.limits.tables;
  /** @type {Map<string, PetitError>} */
  const failures = new Map();
  const compareOrReport = async (/** @type {PlannedTable} */ table) => {
    try {
      return [await compareTable(run, sides, plan, table, options)];
    } catch (error) {
      run.signal.throwIfAborted();
      if (!(error instanceof PetitError)) throw error;
      failures.set(table.table, error);
      return [];
    }
  };
  const comparisons = [];
  for await (const compared of pMapIterable(tables, compareOrReport, { concurrency }))
    comparisons.push(...compared);
  return { comparisons, failures };
}

/**
 * @param {RunContext} run
 * @param {Sides} sides
 * @param {ClonePlan} plan
 * @param {PlannedTable} planned
 * @param {Pick<CloneRequest, 'verify'>} options
 * @returns {Promise<TableComparison>}
 */
async function compareTable(run, { source, destination, sourceTables }, plan, planned, { verify }) {
  const { table, sampleCondition } = planned;
  const { calls, clock, onEvent } = run;
  onEvent({ type: 'progress', table, phase: 'comparing', rows: 0n, bytes: 0n });
  const { sourceDatabase, destinationDatabase, timeCondition: condition } = plan;
  const columns = (verify ?? DEFAULTS.verify) === 'full' ? sourceTables.find(table)?.columns : undefined;
  const compared = Promise.all([
    compareWithCopy(
      { td: source, database: sourceDatabase, table },
      { td: destination, database: destinationDatabase, table },
      rangeGridNow(clock),
      {
        ...(columns && { columns }),
        ...(condition !== undefined && { condition }),
        ...(sampleCondition !== undefined && { sourceCondition: sampleCondition }),
      },
      calls,
    ),
    destination.call({ call: 'table_distribution', database: destinationDatabase, table }, calls),
  ]);
  const [comparison, distribution] = await compared.catch((error) => {
    throw toPetitError(error, { table });
  });
  return { table, comparison, isUserPartitioned: distribution !== undefined };
}

/**
 * Waits until no session of the database is being committed: an interrupted run may have sent the commit.
 * @param {TdClient} td
 * @param {string} database
 * @param {Pick<RunContext, 'calls' | 'clock'>} run
 */
async function waitForCommits(td, database, { calls, clock }) {
  const began = clock.nowMs();
  for (;;) {
    const sessions = await td.call({ call: 'list_sessions' }, calls);
    const isCommitting = sessions.some(
      (session) => session.database === database && session.status === 'committing',
    );
    const elapsedMs = clock.nowMs() - began;
    if (!isCommitting || elapsedMs > COMMIT_TIMEOUT_MS) return;
    await sleep(wasm.pollDelayMs(elapsedMs), calls.signal, clock);
  }
}
