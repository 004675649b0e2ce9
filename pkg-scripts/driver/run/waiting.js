/** @import { Run } from '../td/client.js' */

/** From when on it is told that a job is still queued, in milliseconds. */
const LONG_QUEUED_MS = 5_000;

/**
 * Tells in words what a task waits for: the next try of what failed, or the start of a job. A job may be queued for hours
 * when an account is busy; how long that is worth waiting for is the user's to say, by stopping the run.
 * @param {(words: string) => void} tell
 * @returns {Pick<Run, 'onWait' | 'onLook'>}
 */
export const waiting = (tell) => ({
  onWait: ({ message }, ms) => tell(`${message}; next try in ${(ms / 1000).toFixed(1)} s`),
  onLook: ({ jobId, status }, ms) => {
    if (status === 'queued' && ms >= LONG_QUEUED_MS) {
      tell(`job ${jobId} has been queued for ${Math.round(ms / 1000)} s`);
    }
  },
});
