import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs the native codec, which converts bulk import parts to Parquet, Parquet to job results, and job results to text.
 * Each task is a process.
 */

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** @returns {string} the path of the program that `npm run demo` and `npm test` build */
function program() {
  if (process.env.TD_EMULATOR_CODEC) return process.env.TD_EMULATOR_CODEC;
  const name = process.platform === 'win32' ? 'td-emulator-codec.exe' : 'td-emulator-codec';
  const path = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'debug', name);
  if (!existsSync(path)) {
    throw new Error(`${path} is missing. Run \`cargo build --workspace --bin td-emulator-codec\` first`);
  }
  return path;
}

/**
 * Starts a task that writes its output to stdout.
 * @param {'import' | 'result' | 'text'} command
 * @param {Record<string, unknown>} task see the codec's source
 */
export function startCodec(command, task) {
  const child = spawn(program(), [command], { stdio: ['pipe', 'pipe', 'pipe'] });
  // If the codec exits before it has read the task, writing fails. Its exit code gives the reason.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(task));
  return child;
}

/**
 * Runs a task and returns its report.
 * @param {'import' | 'result'} command
 * @param {Record<string, unknown>} task
 * @param {AbortSignal} [signal] kills the process
 * @returns {Promise<any>} the codec's report
 */
export function runCodec(command, task, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const child = startCodec(command, task);
    const kill = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', kill);
      if (signal?.aborted) reject(signal.reason);
      else if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(errors.trim() || `the codec exited with code ${code}`));
    });
  });
}

/**
 * @typedef {object} ImportReport the report of `import`
 * @property {number} valid_records
 * @property {number} error_records
 * @property {number} valid_parts
 * @property {number} error_parts
 * @property {[index: number, reason: string][]} part_errors
 * @property {DataFile[]} files
 *
 * @typedef {object} DataFile an immutable Parquet file of a table
 * @property {string} path
 * @property {number} rows
 * @property {number} bytes
 * @property {{ key: string, column: string, stored: import('./stored.js').Stored }[]} columns
 */
