// Collects how long each test took and whether it passed, and prints the slowest tests.
import { existsSync, readFileSync } from 'node:fs';
import { formatDuration } from './steps.js';

const MAX_PRINTED = 20;

/** @type {{ name: string, ms: number, passed: boolean }[]} */
const tests = [];

/** @param {string} path of the file that test-reporter.js wrote */
export function addNodeTests(path) {
  for (const line of contents(path).split('\n').filter(Boolean)) {
    const { file, name, ms, passed } = JSON.parse(line);
    tests.push({ name: `${file}: ${name}`, ms, passed });
  }
}

/** @param {string} output of Rust tests that ran with --report-time */
export function addRustTests(output) {
  for (const [, name = '', result, seconds] of output.matchAll(/^test (\S+) .*?(ok|FAILED) <([\d.]+)s>$/gm)) {
    tests.push({ name, ms: Number(seconds) * 1000, passed: result === 'ok' });
  }
}

/** @param {string} path of a JUnit file of pytest */
export function addPythonTests(path) {
  const cases = contents(path).matchAll(
    /<testcase classname="(.*?)" name="(.*?)" time="([\d.]+)"(?: \/>|>(<failure|<error)?)/g,
  );
  for (const [, file, name, seconds, failure] of cases) {
    tests.push({ name: `${file}: ${name}`, ms: Number(seconds) * 1000, passed: failure === undefined });
  }
}

/** @param {string} path */
const contents = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** How many tests ran. */
export const testCount = () => tests.length;

/** Prints the slowest tests of all languages, and how many tests passed and failed. */
export function printTests() {
  if (tests.length === 0) return;
  const slowest = tests.toSorted((a, b) => b.ms - a.ms).slice(0, MAX_PRINTED);
  console.log(`\n== slowest ${slowest.length} of ${tests.length} tests`);
  for (const { name, ms } of slowest) console.log(`${formatDuration(ms).padStart(12)}  ${name}`);
  const failed = tests.filter(({ passed }) => !passed);
  console.log(`\n${tests.length - failed.length} passed, ${failed.length} failed`);
}
