// petit's library as the page calls it: each call is passed on to the thread, which does the work.

/** @import { RunEvent as Event } from '../../pkg-scripts/types.js' */
/** @import { Answer, Trouble } from './messages.js' */
/** @import { calls } from './calls.js' */

/** @typedef {typeof calls} Calls */

/** A call that failed in the thread. */
export class CallError extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

/** @typedef {{ signal?: AbortSignal, onEvents?: (events: Event[]) => void }} Options */
/** @typedef {Options & { resolve: (value: any) => void, reject: (error: CallError) => void }} Pending */

/** @type {Worker | undefined} */
let thread;
/** @type {Map<number, Pending>} */
const pending = new Map();
let lastId = 0;

/**
 * @template {keyof Calls} C
 * @param {C} call
 * @param {Parameters<Calls[C]>[0]} request
 * @param {Options} [options]
 * @returns {ReturnType<Calls[C]>} rejects with a CallError
 */
export function ask(call, request, { signal, onEvents } = {}) {
  const id = ++lastId;
  const answered = new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject, onEvents });
  });
  thread ??= start();
  thread.postMessage({ id, call, request });
  const stop = () => thread?.postMessage({ id, stop: true });
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const settled = answered.finally(() => signal?.removeEventListener('abort', stop));
  return /** @type {ReturnType<Calls[C]>} */ (settled);
}

/** Starts the thread before it is needed, so that the first call does not wait for it. */
export function warmUp() {
  thread ??= start();
}

function start() {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }) => take(data));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    thread = undefined;
    worker.terminate();
    const hint = 'Reload the page. If that does not help, check that all files of the page are served.';
    const error = new CallError({
      code: 'internal',
      message: `the page’s worker stopped: ${event.message}`,
      hint,
    });
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  });
  return worker;
}

/** @param {Answer} answer */
function take(answer) {
  const call = pending.get(answer.id);
  if (!call) return;
  if ('events' in answer) {
    call.onEvents?.(answer.events);
    return;
  }
  pending.delete(answer.id);
  if ('value' in answer) call.resolve(answer.value);
  else call.reject(new CallError(answer.trouble));
}
