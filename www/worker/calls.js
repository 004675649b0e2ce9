// The methods that the page calls in the worker. Params and results are plain data; functions stay here.
import { checkAccount, cloneDatabase, inspectClone, PetitError } from '../../pkg-scripts/browser.js';
import { interrupted } from '../../pkg-scripts/driver/errors.js';
import { toReport } from '../../pkg-scripts/shared/clone-report.js';
import { exportCalls } from './export-calls.js';
import { parquetCalls } from './parquet-calls.js';

/** @import * as core from '../../pkg-scripts/core.js' */
/** @import { Account, CloneInspection, ClonePlan, CloneRequest, OnEvent, PlannedTable, RunEvent } from '../../pkg-scripts/types.js' */

/** @typedef {{ signal: AbortSignal, onEvent: OnEvent }} CallContext */

/**
 * A plan as the page shows it: `isCopied` replaces the details of how a table is copied.
 * @typedef {Omit<PlannedTable, 'copy' | 'masks'> & { isCopied: boolean }} ShownTable
 * @typedef {Omit<ClonePlan, 'tables' | 'tasks' | 'problems' | 'jobs' | 'totals'> & { tables: ShownTable[], totals: core.ClonePlan['totals'] }} ShownPlan
 */

/** The latest inspection. `planClone` uses it each time the options change.
 * @type {(CloneInspection & { controller: AbortController, compared?: Promise<void> }) | undefined} */
let inspection;

export const calls = {
  ...exportCalls,
  ...parquetCalls,

  /**
   * @param {Account} account
   * @param {CallContext} context
   */
  checkAccount: (account, { signal }) => checkAccount(account, { signal }),

  /**
   * Reads both databases for `planClone`.
   * @param {CloneRequest} request
   * @param {CallContext} context
   */
  async inspectClone(request, { signal }) {
    inspection?.controller.abort(interrupted());
    inspection = undefined;
    const controller = new AbortController();
    const found = await inspectClone({ ...request, signal: AbortSignal.any([signal, controller.signal]) });
    signal.throwIfAborted();
    inspection = { ...found, controller };
  },

  /**
   * Waits until the partitioning of every table is known. Plans made earlier lack warnings about it. An abort stops
   * the inspection.
   * @param {undefined} _
   * @param {CallContext} context
   */
  async waitForPartitioning(_, { signal }) {
    const current = inspection;
    signal.addEventListener('abort', () => current?.controller.abort(interrupted()), { once: true });
    await current?.partitioningChecked;
  },

  /**
   * @param {Pick<CloneRequest, 'onExisting' | 'tables'>} options
   * @returns {Promise<ShownPlan>}
   */
  async planClone({ onExisting, tables }) {
    if (!inspection) throw new PetitError('internal', 'planClone was called before inspectClone');
    const current = inspection;
    // All tables are compared once; the plans for some of them use that.
    if (onExisting === 'update') {
      current.compared ??= current.compare({ onExisting });
      await current.compared;
    }
    return toShownPlan(current.plan({ onExisting, tables }));
  },

  /**
   * @param {CloneRequest} request
   * @param {CallContext} context
   */
  async cloneDatabase(request, context) {
    const { signal } = context;
    // The page has its plan, which is large.
    const onEvent = (/** @type {RunEvent} */ event) => {
      if (event.type !== 'plan') context.onEvent(event);
    };
    return toReport(await cloneDatabase({ ...request, signal, onEvent }));
  },
};

/**
 * @template {ClonePlan} P
 * @param {P} plan
 */
function toShownPlan(plan) {
  return {
    ...plan,
    tables: plan.tables.map(({ copy, ...table }) => ({ ...table, isCopied: Boolean(copy) })),
  };
}
