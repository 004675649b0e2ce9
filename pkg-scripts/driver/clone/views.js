import { PetitError, toPetitError } from '../errors.js';
import { listViews } from '../result/list-views.js';
import { runQuery } from '../td/job.js';

/** @import { ClonedView, ClonePlan, CloneSummary, PlannedView } from '../../types.js' */
/** @import { ViewInfo } from '../../core.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TdClient } from '../td/client.js' */
/** @import { CloneRun } from './index.js' */

/**
 * What the planner needs to know about logical views.
 * @typedef {{ sourceViews: ViewInfo[], destinationViews: string[], viewsUnknown?: string }} KnownViews
 */

/**
 * Reads the views of the source, and those of the destination if the source has any. A key that may not query, or an engine
 * without views, is no reason to fail: the plan says that the views are unknown.
 * @param {RunContext} run
 * @param {{ td: TdClient, database: string }} source
 * @param {{ td: TdClient, database: string } | undefined} destination undefined if its database does not exist
 * @returns {Promise<KnownViews>}
 */
export async function readViews({ calls }, source, destination) {
  try {
    const sourceViews = await listViews(source.td, source.database, calls);
    if (sourceViews.length === 0 || !destination) return { sourceViews, destinationViews: [] };
    const existing = await listViews(destination.td, destination.database, calls);
    return { sourceViews, destinationViews: existing.map(({ name }) => name) };
  } catch (thrown) {
    const error = toPetitError(thrown, { database: source.database });
    if (!(error instanceof PetitError) || error.retryable) throw error;
    return { sourceViews: [], destinationViews: [], viewsUnknown: error.message };
  }
}

/**
 * Creates the planned views in the destination, one after another: a view may select from an earlier one.
 * @param {CloneRun} run
 * @param {ClonePlan} plan
 * @param {CloneSummary} summary gets the result of each view
 */
export async function createViews(run, plan, summary) {
  for (const planned of plan.views) {
    const { view, action, sql } = planned;
    if (sql === undefined) {
      record(run, summary, { view, action, state: 'skipped' });
      continue;
    }
    run.signal.throwIfAborted();
    try {
      await createView(run, planned, sql);
      record(run, summary, { view, action, state: 'done' });
    } catch (error) {
      if (run.signal.aborted) throw error;
      const failure = /** @type {PetitError} */ (toPetitError(error, { table: view }));
      run.outlet.error(failure);
      summary.errors.push(failure);
      run.onEvent({ type: 'view', view, action, state: 'failed', error: failure.toJSON() });
      run.onEvent({ type: 'error', ...failure.toJSON() });
    }
  }
}

/**
 * @param {CloneRun} run
 * @param {CloneSummary} summary
 * @param {ClonedView} result
 */
function record({ onEvent }, summary, result) {
  summary.views.push(result);
  onEvent({ type: 'view', ...result });
}

/**
 * @param {CloneRun} run
 * @param {PlannedView} planned
 * @param {string} sql
 */
async function createView({ destination, destinationDatabase: database, calls }, { view }, sql) {
  try {
    await runQuery(destination, { database, sql, writes: true }, calls);
  } catch (thrown) {
    const error = /** @type {PetitError} */ (thrown);
    if (!error.retryable) throw error;
    const message = `it is unknown whether the view was created in "${database}": ${error.message}`;
    const hint = 'Look for the view in the destination; then run again with --skip-existing or --overwrite.';
    throw new PetitError('publish_unknown', message, { cause: error, hint, table: view });
  }
}
