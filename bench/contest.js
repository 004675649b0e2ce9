// Contestants that take turns, so that what else the machine does hits all alike.
import { measure, median } from './support.js';

/** @import { Measured } from './support.js' */

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string[]} command
 * @property {() => Promise<void>} [before] makes room for its work
 * @property {(measured: Measured) => Promise<Record<string, number>>} [after] checks the work; more figures of it
 * @property {number} [rows] rows that it works on, if not all of them
 *
 * @typedef {object} Standing
 * @property {string} name
 * @property {number} seconds median
 * @property {number} least
 * @property {number} most
 * @property {number} rowsPerSecond
 * @property {number} peakBytes most of all runs
 * @property {Record<string, number>} more medians
 */

/**
 * @param {Contestant[]} contestants
 * @param {{ rows: number, runs: number, env?: Record<string, string> }} options
 * @returns {Promise<Standing[]>}
 */
export async function contest(contestants, { rows, runs, env = {} }) {
  /** @type {Map<string, { measured: Measured, more: Record<string, number> }[]>} */
  const results = new Map(contestants.map(({ name }) => [name, []]));
  for (let run = 1; run <= runs; run += 1) {
    for (const { name, command, before, after } of contestants) {
      await before?.();
      const [program = '', ...args] = command;
      const measured = await measure(program, args, env);
      results.get(name)?.push({ measured, more: (await after?.(measured)) ?? {} });
      process.stderr.write(`  run ${run}: ${name}: ${measured.seconds.toFixed(2)} s\n`);
    }
  }
  return contestants.map(({ name, rows: own = rows }) => {
    const all = results.get(name) ?? [];
    const seconds = all.map(({ measured }) => measured.seconds);
    const figures = Object.keys(all[0]?.more ?? {});
    return {
      name,
      seconds: median(seconds),
      least: Math.min(...seconds),
      most: Math.max(...seconds),
      rowsPerSecond: own / median(seconds),
      peakBytes: Math.max(...all.map(({ measured }) => measured.peakBytes)),
      more: Object.fromEntries(figures.map((key) => [key, median(all.map(({ more }) => more[key] ?? 0))])),
    };
  });
}
