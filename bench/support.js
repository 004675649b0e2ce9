import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/**
 * Measurements of whole processes, from outside.
 *
 * @typedef {object} Measured
 * @property {number} seconds from start to end
 * @property {number} [cpuSeconds] of all threads together; undefined on systems without GNU time
 * @property {number} peakBytes maximum resident memory
 * @property {string} output of stdout and stderr
 */

const TIME = '/usr/bin/time';
/** The sampling interval of the memory on systems without GNU time, in milliseconds. */
const SAMPLE_MS = 20;

const hasTime = spawnSync(TIME, ['-f', '%M', 'true']).status === 0;

/**
 * Runs a command. Throws if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<Measured>}
 */
export async function measure(command, args, env) {
  const startMs = performance.now();
  // GNU time prints the CPU seconds and the peak in KiB on the last line. The peak is the maximum over the process and each
  // of its children.
  const [program = '', ...rest] = hasTime ? [TIME, '-f', '%U %S %M', command, ...args] : [command, ...args];
  // Reading additional certificates would double the start-up time of each Node process.
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
  const seconds = (performance.now() - startMs) / 1000;
  sampler?.stop();
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
  if (sampler) return { seconds, peakBytes: sampler.peakBytes, output };
  const [, user, system, peak] = /([\d.]+) ([\d.]+) (\d+)\s*$/.exec(output) ?? [];
  return { seconds, cpuSeconds: Number(user) + Number(system), peakBytes: Number(peak) * 1024, output };
}

/** Samples the peak resident memory (VmHWM) of a process until it ends. */
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
 * @param {string[]} header
 * @param {string[][]} rows
 * @returns {string} a Markdown table; all columns but the first are aligned to the right
 */
export function markdownTable(header, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    `|${header.map((_, index) => (index ? '---:|' : '---|')).join('')}`,
    ...rows.map(line),
  ].join('\n');
}

/** @param {number} number */
export const thousands = (number) => `${Math.round(number / 1000).toLocaleString('en-US')} k`;

/** @param {number} bytes */
export const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
