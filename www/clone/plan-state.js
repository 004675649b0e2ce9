import { computed, effect, signal } from '@preact/signals';
import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { destination, source } from '../connect/accounts.js';
import { ask, CallError } from '../worker/rpc-client.js';

/** @import { CloneRequest } from '../../pkg-scripts/types.js' */
/** @import { ShownPlan } from '../worker/calls.js' */
/** @import { Trouble } from '../worker/messages.js' */

/** How long typing has to pause before both sides are looked at again, in milliseconds. */
const PAUSE_MS = 350;

/**
 * @typedef {{ is: 'none' } | { is: 'looking' } | { is: 'planned', plan: ShownPlan }
 *   | { is: 'failed', trouble: Trouble }} Planning
 * @typedef {'error' | 'skip' | 'overwrite'} OnExisting
 */

export const database = signal('');
export const newDatabase = signal('');
export const onExisting = signal(/** @type {OnExisting} */ (DEFAULTS.onExisting));

/** Numbers that few need to change, as they are typed; the library's own when empty.
 * @type {Record<'tableParallelism' | 'downloadParallelism' | 'chunkSize' | 'workers' | 'retrySeconds', import('@preact/signals').Signal<string>>} */
export const tuning = {
  tableParallelism: signal(''),
  downloadParallelism: signal(''),
  chunkSize: signal(''),
  workers: signal(''),
  retrySeconds: signal(''),
};

/** The plan as it stands with the options as they are. */
export const planning = signal(/** @type {Planning} */ ({ is: 'none' }));

/** Whether the plan tells everything: how tables are laid out is known last, by a call for each. */
export const isComplete = signal(false);

/** What to clone, as the library takes it; undefined while something is missing.
 * @type {import('@preact/signals').ReadonlySignal<CloneRequest | undefined>} */
export const request = computed(() => {
  if (!source.found.value || !destination.found.value || database.value === '') return undefined;
  const name = newDatabase.value.trim();
  return {
    source: source.account,
    destination: destination.account,
    database: database.value,
    ...(name && { newDatabase: name }),
  };
});

/** Numbers that may be 0. */
const MAY_BE_NONE = ['workers', 'retrySeconds'];

/** Why the tuning cannot be used, by its name. */
export const tuningTrouble = computed(() =>
  Object.fromEntries(
    Object.entries(tuning).flatMap(([name, { value }]) => {
      const least = MAY_BE_NONE.includes(name) ? 0 : 1;
      const isFine = value.trim() === '' || (/^\d{1,9}$/.test(value.trim()) && Number(value) >= least);
      return isFine ? [] : [[name, `A whole number of at least ${least}.`]];
    }),
  ),
);

/** The whole request of a run. */
export const runRequest = computed(() => {
  const typed = Object.entries(tuning).flatMap(([name, { value }]) =>
    value.trim() === '' ? [] : [[name, Number(value)]],
  );
  const { retrySeconds, ...numbers } = Object.fromEntries(typed);
  const retryTimeoutMs = retrySeconds === undefined ? undefined : retrySeconds * 1000;
  return request.value && { ...request.value, onExisting: onExisting.value, ...numbers, retryTimeoutMs };
});

/** The plan, if there is one that may be carried out. */
export const soundPlan = computed(() => {
  const { value } = planning;
  if (value.is !== 'planned' || !isComplete.value || Object.keys(tuningTrouble.value).length > 0)
    return undefined;
  const { totals, createDatabase, tables } = value.plan;
  const doesSomething = createDatabase || tables.some(({ isCopied }) => isCopied);
  return totals.error === undefined && doesSomething ? value.plan : undefined;
});

/** Counts what is asked: only the latest answer is of use. */
let latest = 0;
/** @type {AbortController | undefined} */
let looking;

/** Looks at both sides again, and plans: the sides may have changed. */
export async function look() {
  looking?.abort();
  latest += 1;
  const wanted = request.peek();
  if (!wanted) {
    planning.value = { is: 'none' };
    return;
  }
  looking = new AbortController();
  isComplete.value = false;
  planning.value = { is: 'looking' };
  const { signal } = looking;
  await latestOnly(async () => {
    await ask('surveyClone', wanted, { signal });
    return plan();
  });
  if (signal.aborted || planning.peek().is !== 'planned') return;
  const trouble = await ask('surveyLayouts', undefined, { signal }).catch((error) => error);
  if (signal.aborted) return;
  await latestOnly(trouble ? () => Promise.reject(trouble) : plan);
  if (!signal.aborted) isComplete.value = trouble === undefined;
}

/** Plans, of what was seen at the latest look. */
async function plan() {
  for (;;) {
    const policy = onExisting.peek();
    const planned = await ask('planClone', { onExisting: policy });
    if (policy === onExisting.peek()) return planned;
  }
}

/** @param {() => Promise<ShownPlan>} work */
async function latestOnly(work) {
  latest += 1;
  const turn = latest;
  const outcome = await work().then(
    (plan) => /** @type {Planning} */ ({ is: 'planned', plan }),
    (error) => {
      if (error instanceof CallError)
        return /** @type {Planning} */ ({ is: 'failed', trouble: error.trouble });
      throw error;
    },
  );
  if (turn === latest) planning.value = outcome;
}

/** Keeps the plan up to date with the options. */
export function planAsOptionsChange() {
  effect(() => {
    const isAsked = request.value !== undefined;
    planning.value = { is: isAsked ? 'looking' : 'none' };
    latest += 1;
    const timer = setTimeout(look, isAsked ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  });
  effect(() => {
    if (onExisting.value && planning.peek().is === 'planned') latestOnly(plan);
  });
  // A database of another account is another database.
  effect(() => {
    const names = source.found.value?.databases.map(({ name }) => name) ?? [];
    if (!names.includes(database.peek())) database.value = '';
  });
}
