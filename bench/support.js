import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/**
 * Whole processes, measured from outside.
 *
 * @typedef {object} Measured
 * @property {number} seconds from start to end
 * @property {number} peakBytes most memory that was resident
 * @property {string} output what it said, on both streams
 */

const TIME = '/usr/bin/time';
/** How often the memory is looked at where no `time` tells it, in milliseconds. */
const SAMPLE_MS = 20;

const hasTime = spawnSync(TIME, ['-f', '%M', 'true']).status === 0;

/**
 * Runs a command to its end; fails when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<Measured>}
 */
export async function measure(command, args, env) {
  const began = performance.now();
  // GNU time prints the peak last, on a line of its own: in KiB, of the process and of any one child.
  const [program = '', ...rest] = hasTime ? [TIME, '-f', '%M', command, ...args] : [command, ...args];
  // Reading a machine's own certificates would take each Node process as long as its start.
  const clean = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
  const child = spawn(program, rest, { env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const sampler = hasTime ? undefined : new PeakSampler(/** @type {number} */ (child.pid));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = (performance.now() - began) / 1000;
  sampler?.stop();
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
  const peakBytes = sampler?.peakBytes ?? Number(/(\d+)\s*$/.exec(output)?.[1]) * 1024;
  return { seconds, peakBytes, output };
}

/** Reads a process's high-water mark until it ends. Threads are part of it. */
class PeakSampler {
  peakBytes = 0;
  #timer;

  /** @param {number} pid */
  constructor(pid) {
    this.#timer = setInterval(async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      this.peakBytes = Math.max(this.peakBytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
    }, SAMPLE_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }
}

/** @param {number[]} numbers @returns {number} */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = sorted.slice(middle - 1 + (sorted.length % 2), middle + 1);
  return sorted.length % 2 ? low : (low + high) / 2;
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 * @returns {string} a Markdown table, its columns but the first to the right
 */
export function markdownTable(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    `|${head.map((_, place) => (place ? '---:|' : '---|')).join('')}`,
    ...rows.map(line),
  ].join('\n');
}

/** @param {number} number */
export const thousands = (number) => `${Math.round(number / 1000).toLocaleString('en-US')} k`;

/** @param {number} bytes */
export const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
