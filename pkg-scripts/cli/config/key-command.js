import { spawn } from 'node:child_process';
import { PetitError } from '../../driver/errors.js';
import { decodeText } from './text-file.js';

/** How long a command may take, in milliseconds: a password manager may ask its user first. */
const TIMEOUT_MS = 60_000;
const HINT = 'Run the command in a terminal: petit shows nothing of its output, which may contain the key.';
/** Maximum length of its output in bytes: more than any key has. */
const MAX_BYTES = 16 * 1024;

/**
 * Runs the command that prints a key, without a shell. Its output and its messages, which may contain the key, are in no
 * error.
 * @param {string[]} command the program and its arguments
 * @param {{ what: string, env: NodeJS.ProcessEnv, signal?: AbortSignal | undefined, timeoutMs?: number }} options `what`:
 *   the command, for messages
 * @returns {Promise<string>} the only line of its output
 */
export async function runKeyCommand(command, { what, env, signal, timeoutMs = TIMEOUT_MS }) {
  const failed = (/** @type {string} */ reason) =>
    new PetitError('missing_key', `${what} ${reason}`, { hint: HINT });
  const bytes = await outputOf(command, failed, { env, signal, timeoutMs });
  const text = decodeText(bytes, { what: `the output of ${what}`, code: 'bad_key' });
  const lines = text.replace(/\r?\n$/, '').split('\n');
  if (lines.length > 1) throw failed('prints more than one line; it must print only the key');
  const [key = ''] = lines;
  if (key === '') throw failed('prints nothing');
  return key;
}

/**
 * @param {string[]} command
 * @param {(reason: string) => PetitError} failed
 * @param {{ env: NodeJS.ProcessEnv, signal?: AbortSignal | undefined, timeoutMs: number }} options
 * @returns {Promise<Uint8Array>}
 */
function outputOf([program = '', ...args], failed, { env, signal, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, shell: false, stdio: ['ignore', 'pipe', 'ignore'] });
    // Its own children may hold its output open, so that its end is not awaited after a failure.
    const stop = (/** @type {Error} */ error) => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      settle(() => reject(error));
    };
    const onAbort = () => stop(signal?.reason);
    const timer = setTimeout(() => stop(failed(`does not end within ${timeoutMs / 1000} s`)), timeoutMs);
    const settle = (/** @type {() => void} */ outcome) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      outcome();
    };
    /** @type {Buffer[]} */
    const chunks = [];
    let length = 0;
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES) stop(failed('prints more than 16 KiB; it must print only the key'));
    });
    child.once('error', (/** @type {NodeJS.ErrnoException} */ { code = '' }) =>
      stop(failed(`cannot be run (${code})`)),
    );
    child.once('close', (code, killedBy) => {
      if (code === 0) settle(() => resolve(Buffer.concat(chunks)));
      else
        settle(() => reject(failed(killedBy ? `was ended by ${killedBy}` : `ends with exit code ${code}`)));
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
