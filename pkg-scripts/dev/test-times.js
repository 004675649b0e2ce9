// Collects how long each test took and prints the slowest ones.
import { existsSync, readFileSync } from 'node:fs';
import { formatDuration } from './steps.js';

const MAX_PRINTED = 20;

/** @type {{ name: string, ms: number }[]} */
const tests = [];

/** @param {string} path of what test-reporter.js wrote */
export function addNodeTests(path) {
  if (!existsSync(path)) return;
  for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
    const { file, name, ms } = JSON.parse(line);
    tests.push({ name: `${file}: ${name}`, ms });
  }
}

/** @param {string} output of Rust tests that ran with --report-time */
export function addRustTests(output) {
  for (const [, name = '', seconds] of output.matchAll(/^test (\S+) .*<([\d.]+)s>$/gm)) {
    tests.push({ name, ms: Number(seconds) * 1000 });
  }
}

/** @param {string} path of a JUnit file of pytest */
export function addPythonTests(path) {
  if (!existsSync(path)) return;
  const cases = readFileSync(path, 'utf8').matchAll(
    /<testcase classname="(.*?)" name="(.*?)" time="([\d.]+)"/g,
  );
  for (const [, file, name, seconds] of cases)
    tests.push({ name: `${file}: ${name}`, ms: Number(seconds) * 1000 });
}

/** Prints the slowest tests of all languages. */
export function printSlowestTests() {
  if (tests.length === 0) return;
  const slowest = tests.toSorted((a, b) => b.ms - a.ms).slice(0, MAX_PRINTED);
  console.log(`\n== slowest ${slowest.length} of ${tests.length} tests`);
  for (const { name, ms } of slowest) console.log(`${formatDuration(ms).padStart(12)}  ${name}`);
}

/** How many tests ran. */
export const testCount = () => tests.length;
