// Runs the JavaScript tests, and measures their coverage.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nodeModule, ROOT, step } from './steps.js';
import { addNodeTests } from './test-times.js';

const TIMES = join(ROOT, '.cache/test-times.jsonl');
/** Test files at a time. Most tests wait for a server or a process, so there are more than cores. */
const CONCURRENCY = '3';
/** What no test runs: types, and the scripts that build and test petit, which are no part of the package. */
const NOT_COVERED = [
  '**/*.d.ts',
  'pkg-scripts/dev/**',
  // Only browsers run these files. The tests in Chromium do, but do not count lines.
  ...['browser.js', 'platform/browser.js', 'platform/relay.js', 'sinks/**'].map(
    (name) => `pkg-scripts/${name}`,
  ),
];

/**
 * The paths of all test files. Those that end in .full.test.js are for `npm run test:full`.
 * @param {{ full: boolean }} options
 */
export function testFiles({ full }) {
  return readdirSync(join(ROOT, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js') && (full || !name.endsWith('.full.test.js')))
    .map((name) => `tests/${name.replaceAll('\\', '/')}`)
    .sort();
}

/**
 * @param {string[]} files
 * @param {object} [options]
 * @param {string} [options.namePattern] a part of the titles of the tests that run
 * @param {number} [options.minLines] the least coverage of lines, in percent; not measured by default
 * @param {Record<string, string>} [options.env]
 */
export async function runJsTests(files, { namePattern, minLines, env = {} } = {}) {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  rmSync(TIMES, { force: true });
  const reporters = [
    ...['--test-reporter', 'spec', '--test-reporter-destination', 'stdout'],
    ...['--test-reporter', './pkg-scripts/dev/test-reporter.js', '--test-reporter-destination', TIMES],
  ];
  const name = namePattern ? ['--test-name-pattern', namePattern] : [];
  const test = ['--test', `--test-concurrency=${CONCURRENCY}`, ...reporters, ...name, ...files];
  try {
    if (minLines === undefined) await step('JavaScript tests', [process.execPath, ...test], { env });
    else await step('JavaScript tests', covered(minLines, [process.execPath, ...test]), { env });
  } finally {
    addNodeTests(TIMES);
  }
}

/** @param {number} minLines @param {string[]} command */
function covered(minLines, command) {
  const check = ['--all', '--check-coverage', '--lines', String(minLines), '--reporter', 'text'];
  const files = ['--src', 'pkg-scripts', '--include', 'pkg-scripts/**'];
  const excluded = NOT_COVERED.flatMap((name) => ['--exclude', name]);
  return nodeModule('c8/bin/c8.js', ...check, ...files, ...excluded, ...command);
}
