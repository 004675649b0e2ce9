import { setTimeout as wait } from 'node:timers/promises';

/**
 * By what the emulator measures time and waits. A simulation has a clock of its own.
 * @typedef {object} Clock
 * @property {() => Date} date
 * @property {(ms: number, signal?: AbortSignal) => Promise<void>} sleep
 * @property {(ms: number, work: () => void) => () => void} startTimer returns what cancels it
 */

/** @type {Clock} */
export const systemClock = {
  date: () => new Date(),
  // A wait keeps no process alive that has closed its servers: rows can lag for an hour.
  sleep: (ms, signal) => wait(ms, undefined, { signal, ref: false }),
  startTimer(ms, work) {
    const timer = setTimeout(work, ms).unref();
    return () => clearTimeout(timer);
  },
};
