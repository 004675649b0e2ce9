// Calls petit's library in the worker, so that the page stays responsive.

/** @import { ErrorData, RunEvent } from '../../pkg-scripts/types.js' */
/** @import { WorkerResponse } from './messages.js' */
/** @import { calls } from './calls.js' */

/** @typedef {typeof calls} Calls */

/** A call that failed in the worker. */
export class CallError extends Error {
  /** @param {ErrorData} data */
  constructor(data) {
    super(data.message);
    this.data = data;
  }
}

/** @typedef {{ signal?: AbortSignal, onEvents?: (events: RunEvent[]) => void }} Options */
/** @typedef {Options & { resolve: (value: unknown) => void, reject: (error: CallError) => void }} PendingCall */

/** @type {Worker | undefined} */
let worker;
/** @type {Map<number, PendingCall>} */
const pendingCalls = new Map();
let lastId = 0;

/**
 * Calls a method in the worker.
 * @template {keyof Calls} M
 * @param {M} method
 * @param {Parameters<Calls[M]>[0]} params structured-cloneable data
 * @param {Options} [options]
 * @returns {ReturnType<Calls[M]>} rejects with a CallError
 */
export function call(method, params, { signal, onEvents } = {}) {
  const id = ++lastId;
  const response = new Promise((resolve, reject) => {
    pendingCalls.set(id, { resolve, reject, onEvents });
  });
  worker ??= startWorker();
  worker.postMessage({ id, method, params });
  const abort = () => worker?.postMessage({ id, abort: true });
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const result = response.finally(() => signal?.removeEventListener('abort', abort));
  return /** @type {ReturnType<Calls[M]>} */ (result);
}

/** Starts the worker early, so that the first call does not wait for it. */
export function warmUp() {
  worker ??= startWorker();
}

function startWorker() {
  const started = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }) => handleResponse(data));
  started.addEventListener('error', (event) => {
    event.preventDefault();
    worker = undefined;
    started.terminate();
    rejectPendingCalls(event.message);
  });
  return started;
}

/** @param {WorkerResponse} response */
function handleResponse(response) {
  const pending = pendingCalls.get(response.id);
  if (!pending) return;
  if ('events' in response) {
    pending.onEvents?.(response.events);
    return;
  }
  pendingCalls.delete(response.id);
  if ('value' in response) pending.resolve(response.value);
  else pending.reject(new CallError(response.error));
}

/** @param {string} reason why the worker stopped */
function rejectPendingCalls(reason) {
  const error = new CallError({
    code: 'internal',
    message: `the page’s worker stopped: ${reason}`,
    hint: 'Reload the page. If the error persists, check that the server serves all files of the page.',
  });
  for (const { reject } of pendingCalls.values()) reject(error);
  pendingCalls.clear();
}
