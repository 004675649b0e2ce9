// The worker: runs petit's library for the page.

import { PetitError } from '../../pkg-scripts/browser.js';
import { interrupted, toPetitError } from '../../pkg-scripts/driver/errors.js';
import { calls } from './calls.js';
import { EventBatch } from './event-batch.js';

/** @import { ErrorData } from '../../pkg-scripts/types.js' */
/** @import { CallContext } from './calls.js' */
/** @import { WorkerRequest, WorkerResponse } from './messages.js' */

/** The running calls by id. @type {Map<number, AbortController>} */
const running = new Map();

const send = (/** @type {WorkerResponse} */ response) => self.postMessage(response);

self.addEventListener('message', (/** @type {MessageEvent<WorkerRequest>} */ { data: request }) => {
  if ('abort' in request) running.get(request.id)?.abort(interrupted());
  else run(request);
});

/** @param {{ id: number, method: string, params: unknown }} request */
async function run({ id, method, params }) {
  const controller = new AbortController();
  const batch = new EventBatch((events) => send({ id, events }));
  running.set(id, controller);
  try {
    const work = findMethod(method);
    const value = await work(params, {
      signal: controller.signal,
      onEvent: (event) => batch.add(event),
    });
    batch.flush();
    send({ id, value });
  } catch (error) {
    batch.flush();
    send({ id, error: toErrorData(error) });
  } finally {
    running.delete(id);
  }
}

/**
 * @param {string} method
 * @returns {(params: unknown, context: CallContext) => Promise<unknown>}
 */
function findMethod(method) {
  // The client's types guarantee that the params fit the method.
  const methods = /** @type {Record<string, unknown>} */ (calls);
  const work = /** @type {ReturnType<typeof findMethod> | undefined} */ (methods[method]);
  if (!work) throw new PetitError('internal', `unknown method ${method}`);
  return work;
}

/**
 * @param {unknown} thrown
 * @returns {ErrorData}
 */
function toErrorData(thrown) {
  const error = toPetitError(thrown);
  if (error instanceof PetitError) return error.toJSON();
  return { code: 'interrupted', message: error.message };
}
