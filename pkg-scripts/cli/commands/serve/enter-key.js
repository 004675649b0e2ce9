import { execFile } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/**
 * Calls `onEnter` each time the user presses Enter.
 * @param {NodeJS.Process} process
 * @param {() => void} onEnter
 * @returns {Promise<(() => void) | undefined>} stops reading; undefined if standard input cannot be read
 */
export async function watchEnter(process, onEnter) {
  const { stdin } = process;
  // The system stops a background job that reads from its terminal.
  if (stdin.isTTY && !(await isForeground(process))) return undefined;
  const lines = createInterface({ input: stdin });
  lines.on('line', onEnter);
  // The terminal may be closed while `nohup` keeps petit running.
  stdin.on('error', () => lines.close());
  return () => lines.close();
}

/** @param {NodeJS.Process} process */
async function isForeground({ platform, pid }) {
  if (platform === 'win32') return true;
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]);
    return stdout.includes('+');
  } catch {
    return false;
  }
}
