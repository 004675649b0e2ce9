import { PetitError } from './errors.js';
import { DEFAULTS } from './run/options.js';
import { sleep } from './utils/sleep.js';
import { wasm } from './wasm.js';

/** @import { AttemptInfo } from '../core.js' */
/** @import { Attempt, AttemptRequest, WorkflowRequest } from '../types.js' */
/** @import { RunContext } from './run/run.js' */
/** @import { TdClient } from './td/client.js' */

/**
 * Starts a workflow, and waits until the attempt has ended if requested.
 * @param {RunContext} run
 * @param {WorkflowRequest} request
 * @returns {Promise<Attempt>}
 */
export async function startWorkflow(run, request) {
  const { wait = false, waitIntervalMs = DEFAULTS.waitIntervalMs } = request;
  const td = run.connect(request.account);
  let attempt = report(run, td, await start(run, td, request));
  while (wait && !attempt.done) {
    await sleep(waitIntervalMs, run.signal, run.clock);
    attempt = await readAttempt(run, td, attempt.attemptId);
  }
  return attempt;
}

/**
 * Reads the state of an attempt.
 * @param {RunContext} run
 * @param {AttemptRequest} request
 * @returns {Promise<Attempt>}
 */
export function checkAttempt(run, { account, attemptId }) {
  return readAttempt(run, run.connect(account), attemptId);
}

/**
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {string} attemptId
 */
async function readAttempt(run, td, attemptId) {
  return report(run, td, await td.call({ call: 'show_attempt', attemptId }, run.calls));
}

/**
 * Starts the workflow with the current time as its session time. That makes the call idempotent: TD answers a second call
 * with the first attempt. While the account runs too many attempts, the call is repeated; any other error is final.
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {WorkflowRequest} request
 */
async function start({ calls, signal, clock }, td, { workflowId, onWait, queueTimeoutMs }) {
  const sessionTime = new Date(clock.unixMs()).toISOString();
  const budgetMs = queueTimeoutMs ?? DEFAULTS.queueTimeoutMs;
  const began = clock.nowMs();
  for (let failed = 0; ; failed += 1) {
    try {
      return await td.call({ call: 'start_attempt', workflowId, sessionTime }, calls);
    } catch (error) {
      if (!(error instanceof PetitError) || error.code !== 'too_many_attempts') throw error;
      const elapsedMs = clock.nowMs() - began;
      const ms = wasm.retryDelayMs(failed, undefined, elapsedMs, budgetMs, Math.random());
      if (ms === undefined) throw error;
      onWait?.(`${error.message}; next attempt in ${(ms / 1000).toFixed(1)} s`);
      await sleep(ms, signal, clock);
    }
  }
}

/**
 * Emits the state of an attempt as an event, and returns it.
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {AttemptInfo} shown
 * @returns {Attempt}
 */
function report({ onEvent }, td, { id, sessionId, workflow, status, done, success, finishedAt }) {
  const attempt = {
    ...{ attemptId: id, sessionId, workflowId: workflow.id, workflow: workflow.name ?? undefined },
    ...{ status, done: done === true, success: success === true, finishedAt: finishedAt ?? undefined },
    consoleUrl: td.attemptUrl(workflow.id, sessionId, id),
  };
  onEvent({ type: 'workflow_attempt', ...attempt });
  return attempt;
}
