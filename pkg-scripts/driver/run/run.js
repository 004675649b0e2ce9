import { TdClient } from '../td/client.js';
import { systemClock } from '../utils/clock.js';
import { Outlet } from '../utils/redact.js';
import { instantiate } from '../wasm.js';
import { startPool } from '../workers/pool.js';
import { DEFAULTS, limitsOf } from './options.js';
import { NO_PROFILE, Profile } from './profile.js';
import { waitReporter } from './waiting.js';

/** @import { Account, Clock, OnEvent, Platform, RunOptions, SinkContext } from '../../types.js' */
/** @import { CallContext } from '../td/client.js' */
/** @import { Pool } from '../workers/pool.js' */
/** @import { Limits } from './options.js' */
/** @import { Profiler } from './profile.js' */

/**
 * What all the work of one run shares, built once from the request.
 * @typedef {object} RunContext
 * @property {Platform} platform
 * @property {Clock} clock
 * @property {WebAssembly.Module} module compiled once, for the workers
 * @property {AbortSignal} signal
 * @property {OnEvent} onEvent
 * @property {Outlet} outlet removes the run's API keys from what leaves it
 * @property {boolean} showValues whether messages show row values
 * @property {Limits} limits
 * @property {CallContext} calls what goes with the run's API calls
 * @property {(account: Account) => TdClient} connect
 * @property {Pick<SinkContext, 'retryTimeoutMs' | 'idleTimeoutMs' | 'allowHttp'>} network how files are sent to stores
 * @property {() => number} seconds since the run began
 */

/** What a run has in addition while it encodes rows.
 * @typedef {{ pool: Pool, profile: Profiler }} Pipeline */

/**
 * Loads the WebAssembly module into this thread and gathers what the run's options say.
 * @param {Platform} platform
 * @param {RunOptions & { account?: Account } & Parameters<typeof limitsOf>[0]} request
 * @returns {Promise<RunContext>}
 */
export async function createRun(platform, request) {
  const { clock = systemClock } = platform;
  const began = clock.nowMs();
  const { signal = new AbortController().signal, showValues = false } = request;
  const outlet = new Outlet();
  const onEvent = redactedListener(outlet, request.onEvent ?? (() => {}));
  const { retryTimeoutMs = DEFAULTS.retryTimeoutMs, idleTimeoutMs = DEFAULTS.idleTimeoutMs } = request;
  const { explainNetworkError, toRequestBody } = platform;
  platform.prepareNetwork?.();
  const module = await platform.loadWasm();
  await instantiate(module);
  const options = { retryTimeoutMs, idleTimeoutMs, explainNetworkError, toRequestBody, clock };
  return {
    ...{ platform, clock, module, signal, onEvent, outlet, showValues, limits: limitsOf(request) },
    calls: { signal, showValues, ...waitReporter((message) => onEvent({ type: 'waiting', message })) },
    connect: (account) => {
      outlet.hide(account.apikey);
      return new TdClient(account, options);
    },
    network: { retryTimeoutMs, idleTimeoutMs, allowHttp: request.account?.allowHttp },
    seconds: () => (clock.nowMs() - began) / 1000,
  };
}

/**
 * A listener that gets events without API keys. Progress without a message has only what the plan has, and the names and
 * statements of a plan, which may be long, are redacted where they are read.
 * @param {Outlet} outlet
 * @param {OnEvent} onEvent
 * @returns {OnEvent}
 */
const redactedListener = (outlet, onEvent) => (event) => {
  const isQuiet = event.type === 'plan' || (event.type === 'progress' && !event.waiting);
  onEvent(isQuiet ? event : outlet.data(event));
};

/**
 * Runs work that encodes rows: starts the workers before it, stops them after it, and emits the profile if one was
 * requested.
 * @param {RunContext} run
 * @param {{ command: 'clone-db' | 'td2parquet', stages: string[], workers?: number, profile?: boolean }} options
 *   `stages` in the order in which the data passes through them
 * @param {(pipeline: Pipeline) => Promise<void>} work
 * @returns {Promise<number>} the seconds of the whole run
 */
export async function withPipeline(run, { command, stages, profile: isProfiled = false, ...options }, work) {
  const { workers = run.platform.hardwareConcurrency } = options;
  const profile = isProfiled ? new Profile(stages) : undefined;
  const pool = startPool(run.platform, run.module, workers, profile?.counters('encode'));
  try {
    await work({ pool, profile: profile ?? NO_PROFILE });
  } finally {
    await pool.close();
  }
  const seconds = run.seconds();
  if (profile) run.onEvent({ type: 'profile', command, seconds, workers, stages: profile.toJSON() });
  return seconds;
}

/**
 * The same run with another signal.
 * @template {RunContext} R
 * @param {R} run
 * @param {AbortSignal} signal
 * @returns {R}
 */
export const withSignal = (run, signal) => ({ ...run, signal, calls: { ...run.calls, signal } });

/**
 * What a sink gets of a run.
 * @param {RunContext} run
 * @returns {SinkContext}
 */
export const sinkContext = ({ signal, calls, network, outlet }) => ({
  ...network,
  signal,
  onRetry: calls.onRetry,
  hideSecret: (secret) => outlet.hide(secret),
});
