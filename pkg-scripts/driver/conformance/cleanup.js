/** @import { CallContext } from '../td/client.js' */
/** @import { RunContext } from '../run/run.js' */

/** How long deleting what the probes created may take after an abort, in milliseconds. */
const CLEANUP_TIMEOUT_MS = 30_000;

/**
 * What goes with the calls that delete what the probes created: an abort does not end them at once.
 * @param {RunContext} run
 * @returns {CallContext}
 */
export const cleanupCalls = ({ calls, signal, clock }) => ({
  ...calls,
  signal: signal.aborted ? clock.timeout(CLEANUP_TIMEOUT_MS) : signal,
});
