// The thread that petit's library works in, so that the page never waits for it.

import { PetitError } from '../../pkg-scripts/browser.js';
import { interrupted, toPetitError } from '../../pkg-scripts/driver/errors.js';
import { calls } from './calls.js';
import { EventBatch } from './event-batch.js';

/** @import { Answer, Order, Trouble } from './messages.js' */

/** Calls that are under way, and how to stop them. @type {Map<number, AbortController>} */
const running = new Map();

const say = (/** @type {Answer} */ answer) => self.postMessage(answer);

self.addEventListener('message', (/** @type {MessageEvent<Order>} */ { data: order }) => {
  if ('stop' in order) running.get(order.id)?.abort(interrupted());
  else run(order);
});

/** @param {{ id: number, call: string, request: unknown }} order */
async function run({ id, call, request }) {
  const controller = new AbortController();
  const batch = new EventBatch((events) => say({ id, events }));
  running.set(id, controller);
  try {
    const work =
      /** @type {Record<string, (request: any, call: import('./calls.js').Call) => Promise<unknown>>} */ (
        calls
      )[call];
    if (!work) throw new PetitError('internal', `there is no call ${call}`);
    const value = await work(request, {
      signal: controller.signal,
      onEvent: (event) => batch.add(event),
    });
    batch.flush();
    say({ id, value });
  } catch (error) {
    batch.flush();
    say({ id, trouble: troubleOf(error) });
  } finally {
    running.delete(id);
  }
}

/**
 * @param {unknown} thrown
 * @returns {Trouble}
 */
function troubleOf(thrown) {
  const error = toPetitError(thrown);
  if (error instanceof PetitError) return error.toJSON();
  return { code: 'interrupted', message: error.message };
}
