// What the page can ask of the library. Requests and answers are plain data; what a later call needs stays here.
import { checkAccount, cloneDatabase, inspectClone, PetitError } from '../../pkg-scripts/browser.js';
import { toReport } from '../../pkg-scripts/driver/clone/index.js';
import { interrupted } from '../../pkg-scripts/driver/errors.js';
import { exportCalls } from './export-calls.js';
import { parquetCalls } from './parquet-calls.js';

/** @import { Account, CloneInspection, ClonePlan, CloneRequest, OnEvent, PlannedTable } from '../../pkg-scripts/types.js' */

/** @typedef {{ signal: AbortSignal, onEvent: OnEvent }} Call */

/**
 * A plan as the page shows it: how a table is copied does not concern it.
 * @typedef {Omit<PlannedTable, 'copy'> & { isCopied: boolean }} ShownTable
 * @typedef {Omit<ClonePlan, 'tables'> & { tables: ShownTable[] }} ShownPlan
 */

/** The latest survey: both sides as they were looked at, to plan as often as options change.
 * @type {(CloneInspection & { stop: AbortController }) | undefined} */
let survey;

export const calls = {
  ...exportCalls,
  ...parquetCalls,

  /**
   * @param {Account} account
   * @param {Call} call
   */
  checkAccount: (account, { signal }) => checkAccount(account, { signal }),

  /**
   * Looks at both sides; `planClone` then plans.
   * @param {CloneRequest} request
   * @param {Call} call
   */
  async surveyClone(request, { signal }) {
    survey?.stop.abort(interrupted());
    survey = undefined;
    const stop = new AbortController();
    const found = await inspectClone({ ...request, signal: AbortSignal.any([signal, stop.signal]) });
    signal.throwIfAborted();
    survey = { ...found, stop };
  },

  /**
   * Waits until plans are complete: until then they do not warn of how tables are laid out. Whoever stops waiting stops
   * the look.
   * @param {undefined} _
   * @param {Call} call
   */
  async surveyLayouts(_, { signal }) {
    const looking = survey;
    signal.addEventListener('abort', () => looking?.stop.abort(interrupted()), { once: true });
    await looking?.partitioningChecked;
  },

  /**
   * @param {Pick<CloneRequest, 'onExisting'>} options
   * @returns {Promise<ShownPlan>}
   */
  async planClone({ onExisting }) {
    if (!survey) throw new PetitError('internal', 'a plan was asked for before the survey');
    return shown(survey.plan({ onExisting }));
  },

  /**
   * @param {CloneRequest} request
   * @param {Call} call
   */
  async cloneDatabase(request, call) {
    const onEvent = (/** @type {any} */ event) => call.onEvent(event.type === 'plan' ? shown(event) : event);
    return toReport(await cloneDatabase({ ...request, ...call, onEvent }));
  },
};

/**
 * @template {ClonePlan} P
 * @param {P} plan
 */
function shown(plan) {
  return {
    ...plan,
    tables: plan.tables.map(({ copy, ...table }) => ({ ...table, isCopied: Boolean(copy) })),
  };
}
