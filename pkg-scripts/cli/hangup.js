import { fstatSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

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
export function isHangupIgnored({ env, ppid }) {
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

/** @param {() => boolean} test that fails where the platform shows nothing */
function orFalse(test) {
  try {
    return test();
  } catch {
    return false;
  }
}
