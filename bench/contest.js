// Runs contestants in turns, so that other load on the machine affects all of them equally.
import { measure, median } from './support.js';

/** @import { Measured } from './support.js' */

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string[]} command
 * @property {() => Promise<void>} [before] prepares a run
 * @property {(measured: Measured) => Promise<Record<string, number>>} [after] checks the result and returns further figures
 * @property {number} [rows] rows that it processes, if not all
 *
 * @typedef {object} Standing
 * @property {string} name
 * @property {number} seconds median
 * @property {number} min
 * @property {number} max
 * @property {number} [cpuSeconds] median of the CPU time of all threads together
 * @property {number} rowsPerSecond
 * @property {number} peakBytes maximum of all runs
 * @property {Record<string, number>} figures medians of the further figures
 */

/**
 * @param {Contestant[]} contestants
 * @param {{ rows: number, runs: number, env?: Record<string, string> }} options
 * @returns {Promise<Standing[]>}
 */
export async function contest(contestants, { rows, runs, env = {} }) {
  /** @type {Map<string, { measured: Measured, figures: Record<string, number> }[]>} */
  const results = new Map(contestants.map(({ name }) => [name, []]));
  for (let run = 1; run <= runs; run += 1) {
    for (const { name, command, before, after } of contestants) {
      await before?.();
      const [program = '', ...args] = command;
      const measured = await measure(program, args, env);
      results.get(name)?.push({ measured, figures: (await after?.(measured)) ?? {} });
      process.stderr.write(`  run ${run}: ${name}: ${measured.seconds.toFixed(2)} s\n`);
    }
  }
  return contestants.map(({ name, rows: own = rows }) => {
    const all = results.get(name) ?? [];
    const seconds = all.map(({ measured }) => measured.seconds);
    const cpuSeconds = all.map(({ measured }) => measured.cpuSeconds ?? Number.NaN);
    const keys = Object.keys(all[0]?.figures ?? {});
    return {
      name,
      seconds: median(seconds),
      min: Math.min(...seconds),
      max: Math.max(...seconds),
      ...(cpuSeconds.includes(Number.NaN) ? {} : { cpuSeconds: median(cpuSeconds) }),
      rowsPerSecond: own / median(seconds),
      peakBytes: Math.max(...all.map(({ measured }) => measured.peakBytes)),
      figures: Object.fromEntries(
        keys.map((key) => [key, median(all.map(({ figures }) => figures[key] ?? 0))]),
      ),
    };
  });
}
