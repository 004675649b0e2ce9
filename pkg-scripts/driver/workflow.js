import { connect } from './td/client.js';
import { sleep } from './utils/sleep.js';
import { instantiate } from './wasm.js';

/** @import { Run, TreasureData } from './td/client.js' */
/** @import { Account, AttemptEvent, OnEvent, Platform } from './types.js' */
/** @import { Wasm } from './wasm.js' */

/** How long an account may run too many attempts before a start is given up, in milliseconds. */
const QUEUE_TIMEOUT_MS = 60_000;
/** How often an attempt is looked at, in milliseconds. */
const WAIT_INTERVAL_MS = 5_000;

/**
 * @typedef {object} WorkflowRequest
 * @property {Account} account its endpoint may be that of TD's API, or that of the workflow service
 * @property {string} workflowId
 * @property {boolean} [wait] until the attempt has ended
 * @property {number} [waitIntervalMs] between looks at it (5,000)
 * @property {number} [queueTimeoutMs] how long to try while too many attempts are running (60,000)
 * @property {number} [retryTimeoutMs] how long other trouble may last
 * @property {number} [idleTimeoutMs] how long an answer may take (60,000)
 * @property {Partial<Platform>} [platform] services to use instead of the platform's own
 * @property {AbortSignal} [signal] stops the waiting; the workflow goes on
 * @property {OnEvent} [onEvent]
 * @property {(text: string) => void} [onWait] told why, and for how long, a start waits
 */

/**
 * @typedef {Pick<WorkflowRequest, 'account' | 'retryTimeoutMs' | 'idleTimeoutMs' | 'platform' | 'signal' | 'onEvent'> & { attemptId: string }} AttemptRequest
 */

/** One run of a workflow.
 * @typedef {Omit<AttemptEvent, 'type'>} Attempt */

/**
 * Starts a workflow, and waits for its end if asked to.
 * @param {Platform} platform
 * @param {WorkflowRequest} request
 * @returns {Promise<Attempt>}
 */
export async function startWorkflow(platform, request) {
  const { wait = false, waitIntervalMs = WAIT_INTERVAL_MS, signal } = request;
  const { wasm, td, told } = await prepare(platform, request);
  let attempt = told(await start(wasm, td, request));
  while (wait && !attempt.done) {
    await sleep(waitIntervalMs, signal);
    attempt = told(await td.call({ call: 'show_attempt', attemptId: attempt.attemptId }, { signal }));
  }
  return attempt;
}

/**
 * An attempt as it is now.
 * @param {Platform} platform
 * @param {AttemptRequest} request
 * @returns {Promise<Attempt>}
 */
export async function checkAttempt(platform, request) {
  const { td, told } = await prepare(platform, request);
  const { attemptId, signal } = request;
  return told(await td.call({ call: 'show_attempt', attemptId }, { signal }));
}

/**
 * @param {Platform} platform
 * @param {Pick<WorkflowRequest, 'account' | 'retryTimeoutMs' | 'idleTimeoutMs' | 'onEvent'>} request
 */
async function prepare(platform, request) {
  const wasm = instantiate(await platform.loadWasm());
  const td = connect(platform, wasm, request.account, request);
  const told = (/** @type {any} */ shown) => {
    const attempt = attemptOf(td, shown);
    request.onEvent?.({ type: 'attempt', ...attempt });
    return attempt;
  };
  return { wasm, td, told };
}

/**
 * Starts the workflow for this moment. The moment makes it safe to ask twice: TD answers the second time with the first
 * attempt. While the account runs as many attempts as it may, it is asked again; any other refusal is final.
 * @param {Wasm} wasm
 * @param {TreasureData} td
 * @param {WorkflowRequest} request
 */
async function start(wasm, td, { workflowId, signal, onWait, queueTimeoutMs = QUEUE_TIMEOUT_MS }) {
  const call = { call: 'start_attempt', workflowId, sessionTime: new Date().toISOString() };
  const began = performance.now();
  for (let tries = 0; ; tries += 1) {
    try {
      return await td.call(call, { signal });
    } catch (error) {
      const { code, message } = /** @type {any} */ (error);
      if (code !== 'too_many_attempts') throw error;
      const elapsedMs = performance.now() - began;
      const ms = wasm.retryDelayMs(tries, undefined, elapsedMs, queueTimeoutMs, Math.random());
      if (ms === undefined) throw error;
      onWait?.(`${message}; next try in ${(ms / 1000).toFixed(1)} s`);
      await sleep(ms, signal);
    }
  }
}

/**
 * @param {TreasureData} td
 * @param {any} shown
 * @returns {Attempt}
 */
function attemptOf(td, { id, sessionId, workflow, status, done, success, finishedAt }) {
  return {
    ...{ attemptId: id, sessionId, workflowId: workflow.id, workflow: workflow.name ?? undefined },
    ...{ status, done: done === true, success: success === true, finishedAt: finishedAt ?? undefined },
    consoleUrl: td.attemptUrl(workflow.id, sessionId, id),
  };
}
