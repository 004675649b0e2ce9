import { computed, signal } from '@preact/signals';
import { ask, CallError } from '../worker/rpc-client.js';
import { runRequest, soundPlan } from './plan-state.js';
import { keepRecord } from './record.js';
import { begin, beginAgain, end, take, unfinished } from './run-state.js';

/** @import { RunState } from './run-state.js' */
/** @import { CloneRequest } from '../../pkg-scripts/types.js' */

/** The run that is shown, if any. */
export const run = signal(/** @type {RunState | undefined} */ (undefined));

export const isRunning = computed(() => run.value?.is === 'running' || run.value?.is === 'stopping');

/** @type {CloneRequest | undefined} */
let running;
/** @type {AbortController | undefined} */
let stopping;

/** Starts the plan that is shown. */
export function start() {
  const plan = soundPlan.peek();
  const request = runRequest.peek();
  if (!plan || !request) return;
  running = request;
  run.value = begin(plan, Date.now());
  carryOut(request);
}

/** Tries again what failed or was not reached, and only that. */
export function retry() {
  const { value } = run;
  if (!value || !running || isRunning.peek()) return;
  const request = { ...running, tables: unfinished(value) };
  run.value = beginAgain(value, Date.now());
  carryOut(request);
}

/** Stops the run; what was begun is tidied up before it ends. */
export function stop() {
  if (run.value?.is !== 'running') return;
  run.value = { ...run.value, is: 'stopping' };
  stopping?.abort();
}

/** Leaves the outcome, back to the plan. */
export function leave() {
  if (!isRunning.peek()) run.value = undefined;
}

/** @param {CloneRequest} request */
async function carryOut(request) {
  stopping = new AbortController();
  const { signal } = stopping;
  const change = (/** @type {(state: RunState) => RunState} */ next) => {
    if (run.value) run.value = next(run.value);
    if (run.value) keepRecord(run.value);
  };
  window.addEventListener('beforeunload', askFirst);
  try {
    await ask('cloneDatabase', request, {
      signal,
      onEvents: (events) => change((state) => take(state, events, Date.now())),
    });
    change((state) => end(state, Date.now()));
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    change((state) => end(state, Date.now(), error.trouble));
  } finally {
    window.removeEventListener('beforeunload', askFirst);
  }
}

/** The browser asks whether to leave the page: the run would stop.
 * @param {BeforeUnloadEvent} event */
const askFirst = (event) => event.preventDefault();
