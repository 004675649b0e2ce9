/** @import { Clock } from '../../types.js' */

/** The clock of the system, for platforms without one of their own.
 * @type {Clock} */
export const systemClock = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
  startTimer(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  timeout: (ms) => AbortSignal.timeout(ms),
};
