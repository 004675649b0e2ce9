import { closeSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { interrupted } from '../driver/errors.js';
import { EXIT } from './exit-codes.js';

/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * How long signals count as one, in milliseconds: npx passes on the signal that the terminal sends to every process
 * anyway, and a terminal that closes hangs up more than once.
 */
const ONE_SIGNAL_MS = 250;

/** What is said of an output that nobody reads any more: a pipe, a terminal. */
const CLOSED = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/**
 * The first signal (or a reader of the output that went away) asks the run to stop tidily, the second stops it at once.
 * @param {NodeJS.Process} process
 */
export function interruptible(process) {
  const controller = new AbortController();
  let since = 0;
  const ask = (/** @type {string} */ reason) => {
    since = performance.now();
    controller.abort(interrupted(reason));
  };
  const stop = () => {
    if (!controller.signal.aborted) ask('interrupted');
    else if (performance.now() - since > ONE_SIGNAL_MS) {
      leaveClosedTerminal();
      process.exit(EXIT.interrupted);
    }
  };
  const closedPipe = (/** @type {NodeJS.ErrnoException} */ error) => {
    if (!CLOSED.has(error.code ?? '')) throw error;
    if (!controller.signal.aborted) ask('the reader of the output went away');
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  process.stdout.on('error', closedPipe);
  process.stderr.on('error', closedPipe);
  return {
    signal: controller.signal,
    close() {
      for (const signal of SIGNALS) process.off(signal, stop);
      if (controller.signal.aborted) leaveClosedTerminal();
    },
  };
}

/**
 * Closes what is left of a terminal that is gone. Node would want to give it back at its end, fail, and abort: with a core
 * file that has the API keys in it.
 */
function leaveClosedTerminal() {
  for (const fd of [0, 1, 2]) {
    try {
      if (fstatSync(fd).isCharacterDevice() && !isatty(fd)) closeSync(fd);
    } catch {
      // It is closed already.
    }
  }
}
