/** @import { CallContext } from '../td/client.js' */

/** How long a job may be queued before that is reported, in milliseconds. */
const LONG_QUEUED_MS = 5_000;

/**
 * Reports what a task waits for: the next attempt of a failed request, or the start of a job. A busy account may queue a
 * job for hours; whether that is too long is the user's decision.
 * @param {(description: string) => void} report
 * @returns {Pick<CallContext, 'onRetry' | 'onPoll'>}
 */
export const waitReporter = (report) => ({
  onRetry: ({ message }, ms) => report(`${message}; next attempt in ${(ms / 1000).toFixed(1)} s`),
  onPoll: ({ jobId, status }, ms) => {
    if (status === 'queued' && ms >= LONG_QUEUED_MS) {
      report(`job ${jobId} has been queued for ${Math.round(ms / 1000)} s`);
    }
  },
});
