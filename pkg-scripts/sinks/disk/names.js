import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

// The names of petit's own files. A name proves that petit made the file, and tells which process writes it.

/**
 * `partial`: a file that is being written. `publishing`: the journal of a folder that is being published.
 * @typedef {'partial' | 'publishing'} OwnKind
 *
 * @typedef {object} OwnName
 * @property {OwnKind} kind
 * @property {string} stem the name of the file that it becomes
 * @property {string} machine
 * @property {number} pid
 */

/** Maximum length of the stem in bytes. File systems allow 255 for the whole name. */
const MAX_STEM_BYTES = 180;
const PATTERN =
  /^\.(.+)\.([0-9a-f]{8})-(\d{1,10})-([0-9a-f]{12})-([0-9a-f]{8})\.petit-(partial|publishing)$/su;

/** Interval at which a live process touches its files, in milliseconds. */
export const HEARTBEAT_MS = 30_000;
/** Age in milliseconds after which a file of another machine counts as abandoned. Their clocks can differ. */
export const LEASE_MS = 60 * 60 * 1000;
/** The same for a file whose process seems to be alive: another process can have the number by now. */
const REUSED_PID_MS = 24 * LEASE_MS;

/** Names of files that this process is writing. */
export const liveNames = new Set();

/**
 * A new name, which no other file has.
 * @param {OwnKind} kind
 * @param {string} target name of the file that it becomes
 */
export function newName(kind, target) {
  const stem = shorten(target);
  const writer = `${thisMachine()}-${process.pid}-${randomBytes(6).toString('hex')}`;
  return `.${stem}.${writer}-${digest(stem, writer)}.petit-${kind}`;
}

/**
 * Parses the name of one of petit's own files.
 * @param {string} name
 * @returns {OwnName | undefined} undefined for every other file
 */
export function parseName(name) {
  const [, stem = '', machine = '', pid = '', random, check, kind] = PATTERN.exec(name) ?? [];
  if (kind === undefined || check !== digest(stem, `${machine}-${pid}-${random}`)) return undefined;
  return { kind: /** @type {OwnKind} */ (kind), stem, machine, pid: Number(pid) };
}

/**
 * Whether the process that writes a file is still running.
 * @param {string} name
 * @param {number} ageMs time since the file was last written or touched
 */
export function isLive(name, ageMs) {
  const own = parseName(name);
  if (!own || liveNames.has(name)) return true;
  // A second instance of this module in the same process has live names of its own.
  if (own.machine === thisMachine() && own.pid === process.pid)
    return ageMs < 2 * HEARTBEAT_MS && own.kind === 'partial';
  return isWriterRunning(own, ageMs);
}

/**
 * Whether another process that writes something is still running.
 * @param {Pick<OwnName, 'machine' | 'pid'>} writer
 * @param {number} ageMs time since it showed that it is
 */
export const isWriterRunning = ({ machine, pid }, ageMs) =>
  machine === thisMachine() ? isRunning(pid) && ageMs < REUSED_PID_MS : ageMs < LEASE_MS;

/**
 * The part of a name that is the same for every file that becomes `target`.
 * @param {string} target
 */
export const stemOf = (target) => shorten(target);

/** @param {string} target */
function shorten(target) {
  if (Buffer.byteLength(target) <= MAX_STEM_BYTES) return target;
  let stem = '';
  for (const char of target) {
    if (Buffer.byteLength(stem + char) > MAX_STEM_BYTES - 9) break;
    stem += char;
  }
  return `${stem}~${digest(target)}`;
}

/** @param {string[]} parts */
const digest = (...parts) => createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 8);

/** @type {string | undefined} */
let machine;

/** Identifies the set of processes in which a process number is unique: this boot of this machine, and this container. */
export function thisMachine() {
  machine ??= digest(
    hostname(),
    orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  );
  return machine;
}

/** @param {() => string} read of a file that only Linux has */
function orEmpty(read) {
  try {
    return read();
  } catch {
    return '';
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH';
  }
}
