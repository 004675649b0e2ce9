import { closeSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { interrupted } from '../driver/errors.js';
import { EXIT } from './exit-codes.js';

/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Signals within this time, in milliseconds, count as one: npx forwards a signal that the terminal already sends to every
 * process, and a closing terminal hangs up more than once.
 */
const DEBOUNCE_MS = 250;

/** Error codes of an output that was closed: a pipe without a reader, a terminal that is gone. */
const OUTPUT_CLOSED = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/**
 * Aborts `signal` at the first termination signal or when an output is closed. A second termination signal ends the
 * process immediately.
 * @param {NodeJS.Process} process
 */
export function handleSignals(process) {
  const controller = new AbortController();
  let abortedAt = 0;
  const abort = (/** @type {string} */ reason) => {
    abortedAt = performance.now();
    controller.abort(interrupted(reason));
  };
  const onSignal = () => {
    if (!controller.signal.aborted) abort('interrupted');
    else if (performance.now() - abortedAt > DEBOUNCE_MS) {
      closeLostTerminal();
      process.exit(EXIT.interrupted);
    }
  };
  const onOutputError = (/** @type {NodeJS.ErrnoException} */ error) => {
    if (!OUTPUT_CLOSED.has(error.code ?? '')) throw error;
    if (!controller.signal.aborted) abort('the output was closed');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', onOutputError);
  return {
    signal: controller.signal,
    close() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      if (controller.signal.aborted) closeLostTerminal();
    },
  };
}

/**
 * Closes descriptors of a terminal that is gone. At exit Node would try to reset that terminal, fail, and abort with a core
 * file that contains the API keys.
 */
function closeLostTerminal() {
  for (const fd of [0, 1, 2]) {
    try {
      if (fstatSync(fd).isCharacterDevice() && !isatty(fd)) closeSync(fd);
    } catch {
      // The descriptor is already closed.
    }
  }
}
