import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, PetitError } from '../../driver/errors.js';

/** Only the owner may read the log: it has names of tables and columns. */
const MODE = 0o600;
/** Appends. Does not follow a link, and does not wait for the reader of a pipe. Windows lacks both flags. */
const FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

/** Why a log cannot be opened or written, by the code of the system.
 * @type {Record<string, string>} */
const REASONS = {
  ELOOP: 'it is a symbolic link, which petit does not follow',
  ENXIO: 'it is not a file',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
};

/** A file of JSON lines, which a run appends to. */
export class LogFile {
  #fd;
  #warn;
  #write;
  #hasFailed = false;

  /**
   * @param {number} fd
   * @param {(text: string) => void} warn
   * @param {(fd: number, text: string) => unknown} [write]
   */
  constructor(fd, warn, write = writeSync) {
    this.#fd = fd;
    this.#warn = warn;
    this.#write = write;
  }

  /**
   * Appends a line. A log that cannot be written is a warning, once, and not a failure of the run.
   * @param {string} line
   */
  append(line) {
    if (this.#hasFailed) return;
    try {
      this.#write(this.#fd, `${line}\n`);
    } catch (error) {
      this.#hasFailed = true;
      this.#warn(`Warning: the log file cannot be written: ${reasonOf(error)}. The run goes on without it.`);
    }
  }
}

/**
 * Opens a log file, and creates it if it is missing.
 * @param {string} path
 * @param {(text: string) => void} warn
 * @returns {LogFile}
 */
export function openLogFile(path, warn) {
  const refused = (/** @type {string} */ reason) =>
    new PetitError('cannot_write', `--log-file: ${path}: ${reason}`, {
      hint: 'Choose another path for --log-file.',
    });
  let fd;
  try {
    mkdirSync(dirname(path), { recursive: true });
    fd = openSync(path, FLAGS, MODE);
  } catch (error) {
    throw refused(reasonOf(error));
  }
  const reason = whyUnsafe(fd);
  if (reason === undefined) return new LogFile(fd, warn);
  closeSync(fd);
  throw refused(reason);
}

/**
 * Why an open file must not get the log: another user can read it, or it has a second name that somebody planted. Makes a
 * file of this user private.
 * @param {number} fd
 * @returns {string | undefined}
 */
function whyUnsafe(fd) {
  const stats = fstatSync(fd);
  const { nlink, uid, mode } = stats;
  if (!stats.isFile()) return 'it is not a file';
  if (process.platform === 'win32') return undefined;
  if (uid !== process.getuid?.()) return 'it belongs to another user';
  if (nlink > 1) return 'it has several names (hard links)';
  if ((mode & 0o777) !== MODE) fchmodSync(fd, MODE);
  return undefined;
}

/** @param {unknown} error */
const reasonOf = (error) => REASONS[errorCode(error) ?? ''] ?? /** @type {Error} */ (error).message;
