// Runs commands as named steps: times each one, shows or logs what it prints, and reports that it is still running.
// Only Node's own modules may be imported here, because the set-up uses this file before anything is installed.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const LOGS = join(ROOT, '.cache/log');
/** How long a step may print nothing before a line says that it is still running, in milliseconds. */
const HEARTBEAT_MS = 8_000;
/** Max characters of the line that is repeated there. */
const MAX_LINE = 100;
/** Lines at the end of a failed step's log that are printed. */
const MAX_LOG_LINES = 60;

/**
 * @typedef {[command: string, ...args: string[]]} CommandLine
 *
 * @typedef {object} StepOptions
 * @property {'show' | 'log' | 'progress'} [output] `show` (default) prints what the command prints. `log` writes it to a log
 *   file, which is named when the command fails. `progress` is `show` on a terminal, where cargo draws a progress bar, and
 *   `log` elsewhere.
 * @property {Record<string, string | undefined>} [env] added to the environment
 * @property {(text: string) => void} [onOutput] gets what the command prints to standard output, which is shown as well
 */

/** A step that failed. The command has printed the reason. */
export class StepError extends Error {
  name = 'StepError';

  /**
   * @param {string} message
   * @param {number} exitCode for this process
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Finished and failed steps. @type {{ title: string, ms: number }[]} */
const finished = [];

/** Whether a person watches: progress bars work, and questions can be answered. */
export const isTerminal = () => process.stderr.isTTY === true;

/**
 * Runs a command as a step and waits for its end.
 * @param {string} title
 * @param {CommandLine} command
 * @param {StepOptions} [options]
 */
export async function step(title, command, options = {}) {
  const started = performance.now();
  console.error(`== ${title}`);
  const output = options.output ?? 'show';
  const mode = output === 'progress' ? (isTerminal() ? 'show' : 'log') : output;
  const { code, log } = await (mode === 'log' ? runLogged : runShown)(title, command, options);
  const ms = performance.now() - started;
  finished.push({ title, ms });
  if (code !== 0) throw failure(title, command, code, log);
  console.error(`== ${title}: ${formatDuration(ms)}`);
}

/**
 * @param {string} title
 * @param {CommandLine} command
 * @param {number} code
 * @param {string} [log] path
 */
function failure(title, command, code, log) {
  if (log) console.error(readFileSync(log, 'utf8').trimEnd().split('\n').slice(-MAX_LOG_LINES).join('\n'));
  const place = log ? `; full output: ${relative(ROOT, log)}` : '';
  return new StepError(`${title} failed: "${command.join(' ')}" exited with ${code}${place}`, code || 1);
}

/**
 * @param {string} title
 * @param {CommandLine} command
 * @param {StepOptions} options
 * @returns {Promise<{ code: number, log?: string }>}
 */
async function runShown(title, [command, ...args], { env, onOutput }) {
  const options = { cwd: ROOT, env: { ...process.env, ...env } };
  if (isTerminal() && !onOutput) {
    return {
      code: await exitCode(spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] })),
    };
  }
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const heartbeat = startHeartbeat(title);
  child.stdout.on('data', (data) => onOutput?.(String(data)));
  child.stdout.on('data', heartbeat.reset).pipe(process.stdout, { end: false });
  child.stderr.on('data', heartbeat.reset).pipe(process.stderr, { end: false });
  return { code: await exitCode(child).finally(heartbeat.stop) };
}

/**
 * @param {string} title
 * @param {CommandLine} command
 * @param {StepOptions} options
 */
async function runLogged(title, [command, ...args], { env }) {
  mkdirSync(LOGS, { recursive: true });
  const log = join(LOGS, `${title.replaceAll(/[^\w.-]+/g, '-')}.log`);
  const file = createWriteStream(log);
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heartbeat = startHeartbeat(title);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', heartbeat.note).pipe(file, { end: false });
  }
  const code = await exitCode(child).finally(heartbeat.stop);
  await new Promise((resolve) => file.end(resolve));
  return { code, log };
}

/**
 * Prints a line with the elapsed time, and with the last line that the command printed, whenever the step was silent for
 * {@link HEARTBEAT_MS}.
 * @param {string} title
 */
export function startHeartbeat(title) {
  const started = performance.now();
  let end = '';
  let last = '';
  const timer = setInterval(() => {
    console.error(`   ${title}: ${formatDuration(performance.now() - started)}${last && `, ${last}`}`);
  }, HEARTBEAT_MS);
  return {
    reset: () => void timer.refresh(),
    note: (/** @type {Buffer} */ chunk) => {
      end = `${end}${chunk}`.slice(-MAX_LINE);
      last = end.trimEnd().split('\n').at(-1)?.trim() ?? '';
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Prints how long each step took. */
export function printStepTimes() {
  const width = Math.max(...finished.map(({ title }) => title.length));
  console.log('\n== time of each step');
  for (const { title, ms } of [...finished, { title: 'total', ms: process.uptime() * 1000 }]) {
    console.log(`${title.padEnd(width)}  ${formatDuration(ms).padStart(12)}`);
  }
}

/**
 * @param {number} ms
 * @returns {string} `8.5 s`, or `3 min 20 s` from a minute on
 */
export function formatDuration(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * The command line of a program of an npm package, the same on every platform.
 * @param {string} path of its script in node_modules
 * @param {string[]} args
 * @returns {CommandLine}
 */
export const nodeModule = (path, ...args) => [process.execPath, join(ROOT, 'node_modules', path), ...args];

/**
 * Runs the work of a script. When a step fails, prints one line and ends the process with the step's exit code.
 * @param {() => Promise<unknown>} work
 */
export async function runScript(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    console.error(`error: ${error.message}`);
    process.exit(error.exitCode);
  }
}
