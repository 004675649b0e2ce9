// The options of a clone, and the plan for them.
import { computed, effect, signal } from '@preact/signals';
import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { listField, textField, textFields } from '../address-fields.js';
import { clearWhenMissing, destination, source } from '../connect/accounts.js';
import { tuningErrors, tuningNumbers } from '../run/tuning.js';
import { CallState } from '../worker/call-state.js';
import { call } from '../worker/rpc-client.js';
import { chosenNames } from './choice.js';

/** @import { ReadonlySignal, Signal } from '@preact/signals' */
/** @import { CloneRequest } from '../../pkg-scripts/types.js' */
/** @import { ShownPlan } from '../worker/calls.js' */
/** @import { Failed } from '../worker/call-state.js' */

/** Typing restarts the inspection after a pause of this length, in milliseconds. */
const PAUSE_MS = 350;

/**
 * @typedef {{ status: 'none' } | { status: 'inspecting' } | { status: 'planned', plan: ShownPlan }} PlanOrNone
 * @typedef {PlanOrNone | Failed} Planning
 * @typedef {import('../../pkg-scripts/types.js').OnExisting} OnExisting
 */

export const database = signal('');
export const newDatabase = signal('');
export const onExisting = signal(/** @type {OnExisting} */ (DEFAULTS.onExisting));

/** Names of the tables that are not cloned. */
export const unchosen = signal(/** @type {ReadonlySet<string>} */ (new Set()));
/** The plan for all tables of the database, from which the user chooses. */
export const planForAll = signal(/** @type {ShownPlan | undefined} */ (undefined));

/** @type {Record<'tableParallelism' | 'downloadParallelism' | 'chunkSize' | 'workers' | 'retrySeconds', Signal<string>>} */
export const tuning = {
  tableParallelism: signal(''),
  downloadParallelism: signal(''),
  chunkSize: signal(''),
  workers: signal(''),
  retrySeconds: signal(''),
};

/** What the address keeps. */
export const addressFields = [
  textField('db', database),
  textField('copy', newDatabase),
  textField('existing', onExisting, ['error', 'skip', 'overwrite', 'update']),
  listField('except', unchosen),
  ...textFields(tuning),
];

/** The plan for the current options. */
export const planning = new CallState(/** @type {PlanOrNone} */ ({ status: 'none' }));

/** Whether the plan has all warnings. The partitioning of the tables takes a call each, so it is known last. */
export const isComplete = signal(false);

/** What to clone, as the library takes it; undefined while something is missing.
 * @type {ReadonlySignal<CloneRequest | undefined>} */
export const request = computed(() => {
  if (!source.info.value || !destination.info.value || database.value === '') return undefined;
  const name = newDatabase.value.trim();
  return {
    source: source.account,
    destination: destination.account,
    database: database.value,
    ...(name && { newDatabase: name }),
  };
});

export const errors = computed(() => tuningErrors(tuning, ['workers', 'retrySeconds']));

/** The request of a run, with all options. */
export const runRequest = computed(() => {
  const { retrySeconds, ...numbers } = tuningNumbers(tuning);
  const retryTimeoutMs = retrySeconds === undefined ? undefined : retrySeconds * 1000;
  const tables = chosenNames(planForAll.value, unchosen.value);
  return (
    request.value && {
      ...request.value,
      ...(tables && { tables }),
      onExisting: onExisting.value,
      ...numbers,
      retryTimeoutMs,
    }
  );
});

/** The plan, if a run can start with it. */
export const runnablePlan = computed(() => {
  const { value } = planning;
  if (value.status !== 'planned' || !isComplete.value || Object.keys(errors.value).length > 0)
    return undefined;
  const { totals, createDatabase, tables, notChosen } = value.plan;
  const hasWork = (createDatabase && notChosen === 0) || tables.some(({ isCopied }) => isCopied);
  return totals.error === undefined && hasWork ? value.plan : undefined;
});

/** @type {AbortController | undefined} */
let inspection;

/** Reads both databases again and plans. */
export async function inspect() {
  inspection?.abort();
  planForAll.value = undefined;
  const wanted = request.peek();
  if (!wanted) {
    planning.set({ status: 'none' });
    return;
  }
  inspection = new AbortController();
  isComplete.value = false;
  planning.set({ status: 'inspecting' });
  const { signal } = inspection;
  await planning.run(async () => {
    await call('inspectClone', wanted, { signal });
    return plan();
  });
  if (signal.aborted || planning.peek().status !== 'planned') return;
  const error = await call('waitForPartitioning', undefined, { signal }).catch((thrown) => thrown);
  if (signal.aborted) return;
  await planning.run(error ? () => Promise.reject(error) : plan);
  if (!signal.aborted) isComplete.value = error === undefined;
}

/**
 * Plans from the latest inspection, until no option has changed meanwhile.
 * @returns {Promise<PlanOrNone>}
 */
async function plan() {
  for (;;) {
    const [policy, dropped] = [onExisting.peek(), unchosen.peek()];
    const all = await call('planClone', { onExisting: policy });
    const tables = chosenNames(all, dropped);
    const planned = tables ? await call('planClone', { onExisting: policy, tables }) : all;
    if (policy !== onExisting.peek() || dropped !== unchosen.peek()) continue;
    planForAll.value = all;
    return { status: 'planned', plan: planned };
  }
}

/** Plans again whenever options change. */
export function watchCloneOptions() {
  effect(() => {
    const hasRequest = request.value !== undefined;
    planning.set({ status: hasRequest ? 'inspecting' : 'none' });
    const timer = setTimeout(inspect, hasRequest ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  });
  effect(() => {
    const hasOptions = onExisting.value && unchosen.value;
    if (hasOptions && planning.peek().status === 'planned') planning.run(plan);
  });
  clearWhenMissing(database);
}
