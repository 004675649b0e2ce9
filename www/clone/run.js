import { RunController } from '../run/run-controller.js';
import { call } from '../worker/rpc-client.js';
import { inspect, runnablePlan, runRequest } from './plan-state.js';
import { saveCloneRecord } from './record.js';
import { missingTables, retry, start } from './run-state.js';

/** @import { CloneRequest } from '../../pkg-scripts/types.js' */
/** @import { CloneRun } from './run-state.js' */

/** @type {RunController<CloneRun>} */
export const cloneRun = new RunController(saveCloneRecord);

/** The request of the run that is shown. @type {CloneRequest | undefined} */
let currentRequest;

/** Starts the plan that is shown. */
export function startClone() {
  const plan = runnablePlan.peek();
  const request = runRequest.peek();
  if (!plan || !request) return;
  currentRequest = request;
  execute(start(plan, Date.now()), request);
}

/** Closes the finished run. The plan is a new one, because the run has changed the destination. */
export function closeClone() {
  if (cloneRun.isRunning.peek()) return;
  cloneRun.close();
  inspect();
}

/** Copies only the tables that failed or were not copied yet. */
export function retryClone() {
  const run = cloneRun.run.peek();
  if (!run || !currentRequest || cloneRun.isRunning.peek()) return;
  execute(retry(run, Date.now()), { ...currentRequest, tables: missingTables(run) });
}

/**
 * @param {CloneRun} run
 * @param {CloneRequest} request
 */
const execute = (run, request) =>
  cloneRun.execute(run, async (options) => {
    await call('cloneDatabase', request, options);
  });
