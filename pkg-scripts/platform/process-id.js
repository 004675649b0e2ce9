import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * A text that stands for this process: the machine's boot and its namespace of process ids, as a hash, then the process id
 * and its start. Only Linux tells all of them; elsewhere the text is empty.
 * @returns {string}
 */
export function processId() {
  const machine = machineId();
  const start = startOf(process.pid);
  return machine && start ? `${machine}.${process.pid}.${start}` : '';
}

/**
 * Whether the process with this id has certainly ended: it ran on this machine, in this namespace, and is there no more.
 * @param {string} id
 */
export function hasEnded(id) {
  const [machine = '', pid = '', start] = id.split('.');
  if (!start || machine !== machineId() || !/^[0-9]+$/.test(pid)) return false;
  return startOf(Number(pid)) !== start;
}

function machineId() {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const namespace = readlinkSync('/proc/self/ns/pid');
    return createHash('sha256').update(boot).update(namespace).digest('hex').slice(0, 16);
  } catch {
    return undefined; // Only Linux has these files.
  }
}

/**
 * When a process was started, in clock ticks since the boot.
 * @param {number} pid
 * @returns {string | undefined} undefined if there is no such process, or it has ended and waits for its parent
 */
function startOf(pid) {
  try {
    // The second field is a name in parentheses, which may have blanks and parentheses in it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
