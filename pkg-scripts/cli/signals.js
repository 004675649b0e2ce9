import { closeSync, fstatSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
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

/** Error codes of an output that was closed: a pipe without a reader, a stream after its first error. */
const OUTPUT_CLOSED = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/** Why an output cannot be written, by error code.
 * @type {Record<string, string>} */
const OUTPUT_ERRORS = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than the file system or a limit allows',
  EIO: 'the device reports an error',
  ENXIO: 'the device is gone',
  EBADF: 'it is not open for writing',
};

/**
 * Aborts `signal` at the first termination signal or when an output is closed or cannot be written. A second termination
 * signal ends the process immediately.
 * @param {NodeJS.Process} process
 */
export function handleSignals(process) {
  const controller = new AbortController();
  let abortedAt = 0;
  const abort = (/** @type {string} */ reason) => {
    if (controller.signal.aborted) return;
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
  const isIgnoringHangup = isHangupIgnored(process);
  // Without a listener, Node ends at SIGHUP, even if the parent process wants it to be ignored.
  const ignore = () => {};
  const listeners = SIGNALS.map((signal) => {
    return /** @type {const} */ ([signal, signal === 'SIGHUP' && isIgnoringHangup ? ignore : onSignal]);
  });
  for (const [signal, listener] of listeners) process.on(signal, listener);
  const { flush } = watchOutputs(process, abort);
  return {
    signal: controller.signal,
    flush,
    close() {
      for (const [signal, listener] of listeners) process.off(signal, listener);
      if (controller.signal.aborted) closeLostTerminal();
    },
  };
}

/**
 * Aborts when standard output or standard error is closed or cannot be written.
 * @param {NodeJS.Process} process
 * @param {(reason: string) => void} abort
 */
function watchOutputs(process, abort) {
  let isEnding = false;
  let hasFailed = false;
  /** @param {string} name @param {number} fd */
  const onError =
    (name, fd) =>
    (/** @type {NodeJS.ErrnoException} */ { code = '', message }) => {
      // A terminal that is gone reports EIO.
      if (OUTPUT_CLOSED.has(code) || (code === 'EIO' && isLostTerminal(fd)))
        return abort('the output was closed');
      if (hasFailed) return;
      hasFailed = true;
      const reason = `${name} cannot be written: ${OUTPUT_ERRORS[code] ?? message}`;
      // A command that has ended no longer prints the reason of the abort.
      if (isEnding) process.stderr.write(`Error: ${reason}\n`);
      else abort(reason);
    };
  process.stdout.on('error', onError('standard output', 1));
  process.stderr.on('error', onError('standard error', 2));
  return {
    /** Waits until the output is written. Resolves to whether that failed. */
    async flush() {
      isEnding = true;
      await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
      return hasFailed;
    },
  };
}

/**
 * Waits until everything that was written has left, or has failed. The error event follows the callback.
 * @param {NodeJS.WriteStream} stream
 */
const flushed = (stream) =>
  new Promise((resolve) => {
    if (stream.writable) stream.write('', () => setImmediate(resolve));
    else setImmediate(resolve);
  });

/** @param {number} fd */
const isLostTerminal = (fd) => orFalse(() => fstatSync(fd).isCharacterDevice() && !isatty(fd));

/**
 * Closes descriptors of a terminal that is gone. At exit Node would try to reset that terminal, fail, and abort with a core
 * file that contains the API keys.
 */
function closeLostTerminal() {
  for (const fd of [0, 1, 2]) {
    try {
      if (isLostTerminal(fd)) closeSync(fd);
    } catch {
      // The descriptor is already closed.
    }
  }
}

// Node sets every signal to its default at start, so that a program of Node cannot see whether SIGHUP was ignored. What
// nohup and the shells leave behind shows it.

/** The bit of SIGHUP in a signal mask of /proc. */
const SIGHUP_BIT = 1n;
/** Access mode of a descriptor that cannot be read, in the octal flags of /proc. */
const WRITE_ONLY = 0o1;
const ACCESS_MODE = 0o3;

/**
 * Whether the process that started this one ignored SIGHUP, so that the run outlives its terminal.
 * @param {Pick<NodeJS.Process, 'env' | 'ppid'> & { platform?: string }} process
 */
function isHangupIgnored({ env, ppid }) {
  return (
    basename(env._ ?? '') === 'nohup' ||
    isIgnoredBy(ppid) ||
    isUnreadableStdin() ||
    isOutputOfNohup(env) ||
    hasOnlyFiles()
  );
}

/**
 * A process inherits ignored signals, also from a shell that nohup has started.
 * @param {number} pid
 */
const isIgnoredBy = (pid) =>
  orFalse(() => {
    const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return (BigInt(`0x${mask}`) & SIGHUP_BIT) !== 0n;
  });

/** GNU nohup replaces a terminal on standard input by /dev/null, opened so that it cannot be read. */
const isUnreadableStdin = () =>
  orFalse(() => {
    const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? [];
    const isNull = fstatSync(0).rdev === statSync('/dev/null').rdev;
    return isNull && (Number.parseInt(flags, 8) & ACCESS_MODE) === WRITE_ONLY;
  });

/**
 * Every nohup replaces a terminal on standard output by nohup.out, here or in the home folder.
 * @param {NodeJS.ProcessEnv} env
 */
const isOutputOfNohup = (env) => {
  const folders = ['.', env.HOME ?? ''];
  return folders.some((folder) => orFalse(() => isSame(1, join(folder || homedir(), 'nohup.out'))));
};

/** @param {number} fd @param {string} path */
function isSame(fd, path) {
  const [open, found] = [fstatSync(fd), statSync(path)];
  return open.ino === found.ino && open.dev === found.dev;
}

/** A run without a terminal whose whole output goes to files has nobody who would miss it when the terminal is closed. */
const hasOnlyFiles = () =>
  orFalse(() => {
    const isNoTerminal = (/** @type {number} */ fd) => fstatSync(fd).rdev === statSync('/dev/null').rdev;
    return isNoTerminal(0) && [1, 2].every((fd) => fstatSync(fd).isFile());
  });

/** @param {() => boolean} test that fails for a closed descriptor, and where the platform shows nothing */
function orFalse(test) {
  try {
    return test();
  } catch {
    return false;
  }
}
