import { interrupted } from '../driver/errors.js';
import { EXIT } from './exit-codes.js';

/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * The first signal (or a reader of stdout that went away) asks the run to stop tidily, the second stops it at once.
 * @param {NodeJS.Process} process
 */
export function interruptible(process) {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(interrupted());
  };
  const closedPipe = (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EPIPE') throw error;
    if (!controller.signal.aborted) controller.abort(interrupted('the reader of the output went away'));
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  process.stdout.on('error', closedPipe);
  process.stderr.on('error', closedPipe);
  return {
    signal: controller.signal,
    close() {
      for (const signal of SIGNALS) process.off(signal, stop);
    },
  };
}
