import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The native codec: bulk import parts to Parquet, Parquet to job results, job results to text. One process per task.
 */

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** @returns {string} the program, as `npm run demo` and `npm test` build it */
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
 * Starts a task whose output is a stream.
 * @param {'import' | 'result' | 'text'} command
 * @param {Record<string, unknown>} order what to do; see the codec's source
 */
export function startCodec(command, order) {
  const child = spawn(program(), [command], { stdio: ['pipe', 'pipe', 'pipe'] });
  // The codec may end before it has read its order; its exit code tells why.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(order));
  return child;
}

/**
 * Runs a task to its end.
 * @param {'import' | 'result'} command
 * @param {Record<string, unknown>} order
 * @param {AbortSignal} [signal] kills the process
 * @returns {Promise<any>} the codec's report
 */
export function runCodec(command, order, signal) {
  return new Promise((done, fail) => {
    if (signal?.aborted) return fail(signal.reason);
    const child = startCodec(command, order);
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
    child.once('error', fail);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', kill);
      if (signal?.aborted) fail(signal.reason);
      else if (code === 0) done(JSON.parse(output));
      else fail(new Error(errors.trim() || `the codec ended with ${code}`));
    });
  });
}

/**
 * @typedef {object} ImportReport what `import` tells
 * @property {number} valid_records
 * @property {number} error_records
 * @property {number} valid_parts
 * @property {number} error_parts
 * @property {[place: number, reason: string][]} part_errors
 * @property {DataFile[]} files
 *
 * @typedef {object} DataFile an immutable Parquet file of a table
 * @property {string} path
 * @property {number} rows
 * @property {number} bytes
 * @property {{ key: string, column: string, stored: import('./stored.js').Stored }[]} columns
 */
