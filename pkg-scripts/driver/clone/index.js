import { toReport } from '../../shared/clone-report.js';
import { HINTS, PetitError } from '../errors.js';
import { personalColumnsOf, throwPersonal } from '../result/personal.js';
import { forEachTable } from '../run/for-each-table.js';
import { DEFAULTS } from '../run/options.js';
import { withPipeline } from '../run/run.js';
import { ByteSemaphore } from '../utils/byte-semaphore.js';
import { withTasks } from './complete-plan.js';
import { inspectClone } from './inspect.js';
import { withLease } from './lease.js';
import { uploadBudget } from './parts.js';
import { prepareDestination, removeOrphans } from './prepare.js';
import { cloneTable } from './table.js';
import { createViews } from './views.js';

/** @import { ClonePlan, CloneRequest, CloneSummary } from '../../types.js' */
/** @import { Pipeline, RunContext } from '../run/run.js' */
/** @import { TableList, TdClient } from '../td/client.js' */

/** In the order in which the data passes through them. */
const STAGES = ['download', 'gunzip, split', 'encode', 'join', 'upload'];

/**
 * What all tables of a clone share.
 * @typedef {object} CloneSettings
 * @property {string} id random, so that no other run has it
 * @property {number} runNumber which is in the names of all that the run creates
 * @property {TdClient} source
 * @property {TdClient} destination
 * @property {string} sourceDatabase
 * @property {string} destinationDatabase
 * @property {ClonePlan['timeRange']} timeRange of the rows that are copied; undefined for all rows
 * @property {number} chunkSize maximum rows decoded at a time
 * @property {'count' | 'full' | 'none'} verify what to verify before a table is published
 * @property {string} [maskKey] the secret of masking
 * @property {ByteSemaphore} uploadBudget bytes of the parts that are being uploaded
 *
 * @typedef {RunContext & Pipeline & CloneSettings} CloneRun
 */

/**
 * Plans a clone and runs it. A table that fails does not stop the others.
 * @param {RunContext} run
 * @param {CloneRequest} request
 * @returns {Promise<CloneSummary>}
 */
export async function cloneDatabase(run, request) {
  const { onEvent } = run;
  const inspection = await inspectClone(run, request);
  await inspection.partitioningChecked;
  await inspection.compare(request);
  const plan = await addPersonal(run, request, inspection, inspection.plan(request));
  onEvent(withTasks({ .../** @type {const} */ ({ type: 'plan', command: 'clone-db' }), ...plan }));
  /** @type {CloneSummary} */
  const summary = {
    ...{ plan, tables: [], skipped: [], views: [], errors: [] },
    ...{ rows: 0n, bytes: 0n, seconds: 0 },
  };
  if (request.dryRun) return summary;
  throwPlanErrors(plan);
  throwPersonal(plan.personal, request);

  const settings = settingsOf(run, request, inspection, plan);
  const { workers, profile } = request;
  const options = /** @type {const} */ ({ command: 'clone-db', stages: STAGES, workers, profile });
  summary.seconds = await withPipeline(run, options, async (pipeline) => {
    const cloneRun = { ...run, ...pipeline, ...settings };
    await prepareDestination(cloneRun, plan, inspection.canQuerySource());
    await withLease(cloneRun, plan.run, async () => {
      await removeOrphans(cloneRun, plan);
      await cloneTables(cloneRun, plan, inspection.failures, summary);
      await createViews(cloneRun, plan, summary);
    });
  });
  onEvent({ type: 'summary', command: 'clone-db', ...toReport(summary) });
  return summary;
}

/**
 * Adds the columns that look personal and have no rule.
 * @param {RunContext} run
 * @param {CloneRequest} request
 * @param {{ source: TdClient, sourceTables: TableList }} inspection
 * @param {ClonePlan} plan
 * @returns {Promise<ClonePlan>}
 */
export async function addPersonal(run, request, { source: td, sourceTables: tables }, plan) {
  const moved = plan.tables.filter(({ action }) => action !== 'skip').map(({ table }) => table);
  const personal = await personalColumnsOf(
    run,
    { td, database: plan.sourceDatabase, tables },
    moved,
    request,
  );
  return withTasks({ ...plan, ...(personal && { personal }) });
}

/**
 * @param {RunContext} run
 * @param {CloneRequest} request
 * @param {{ source: TdClient, destination: TdClient }} sides
 * @param {ClonePlan} plan
 * @returns {CloneSettings}
 */
function settingsOf({ limits }, request, { source, destination }, plan) {
  const { sourceDatabase, destinationDatabase, timeRange } = plan;
  const { chunkSize = DEFAULTS.chunkSize, verify = DEFAULTS.verify, maskKey } = request;
  return {
    ...{ id: crypto.randomUUID(), runNumber: plan.run },
    ...{ source, destination, sourceDatabase, destinationDatabase, timeRange, chunkSize, verify },
    ...(maskKey !== undefined && { maskKey }),
    uploadBudget: new ByteSemaphore(uploadBudget(limits.uploads)),
  };
}

/** @param {ClonePlan} plan */
function throwPlanErrors({ tables, views }) {
  const failing = [...tables, ...views.map(({ view, ...rest }) => ({ table: view, ...rest }))];
  const problems = failing.filter(({ action }) => action === 'error');
  const [first] = problems;
  if (!first) return;
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more: see --dry-run)` : '';
  // What to do about different columns is not what to do about existing tables.
  const hint = first.problem?.code === 'schema_drift' ? { hint: HINTS.schema_drift } : {};
  throw new PetitError('plan_has_errors', `nothing was copied: ${first.problem?.message}${others}`, {
    table: first.table,
    ...hint,
  });
}

/**
 * @param {CloneRun} run
 * @param {ClonePlan} plan
 * @param {Map<string, PetitError>} failures why tables could not be compared
 * @param {CloneSummary} summary gets the result of each table
 */
async function cloneTables(run, plan, failures, summary) {
  const { onEvent } = run;
  summary.errors = await forEachTable(
    run,
    plan.tables,
    async ({ copy, ...planned }) => {
      const { table } = planned;
      const failure = planned.action === 'compare' ? failures.get(table) : undefined;
      if (failure) throw failure;
      if (!copy) {
        summary.skipped.push(table);
        onEvent({ type: 'table', table, action: 'skip', state: 'skipped' });
        return;
      }
      const cloned = await cloneTable(run, { ...planned, copy });
      summary.tables.push({ ...cloned, state: 'done' });
      summary.rows += cloned.rows;
      summary.bytes += cloned.bytes;
      onEvent({ type: 'table', state: 'done', ...cloned });
    },
    ({ table, action }, error) =>
      onEvent({ type: 'table', table, action, state: 'failed', error: error.toJSON() }),
  );
}
