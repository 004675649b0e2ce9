// The checks and tests of petit. What each command runs:
//
//   npm test                 lint, types, all fast tests, coverage; builds with the development profile
//   npm test -- FILTER       only the tests whose path or name contains FILTER, without lint
//   npm run test:unit        the unit tests of both languages, without a server
//   npm run test:smoke       one clone and one export on any platform
//   npm run test:full        everything, also the exhaustive tests, on a release build
//   npm run lint             lint and types only; with -- --quick, only what needs no build
//   npm run ready            formats, then npm test
import { parseArgs } from 'node:util';
import { build, checkSize, unpackBuild } from './build.js';
import { findTests } from './find-tests.js';
import { runJsTests, testFiles } from './js-tests.js';
import { checkRustModules } from './rust-modules.js';
import { runRustTests } from './rust-tests.js';
import { setUp } from './setup.js';
import { nodeModule, printStepTimes, runScript, StepError, step } from './steps.js';
import { addPythonTests, printTests, testCount } from './test-times.js';

const MIN_COVERED_LINES = 90;
/** What the tests of the emulator's clients run with. */
const PYTHON = '.venv/bin/python';
const PYTHON_TIMES = '.cache/python-tests.xml';
/** Tests that need neither chromium nor Python, and run on every platform. */
const SMOKE = ['tests/smoke.test.js', 'tests/unit/'];
/** Makes the tests that can be exhaustive so. */
const EXHAUSTIVE = { PETIT_TEST: 'full', PETIT_FUZZ_MUTATIONS: '50000' };
const FUZZ_SECONDS = '20';

async function format() {
  await step('format Rust', ['cargo', 'fmt', '--all']);
  await step('format JavaScript', nodeModule('@biomejs/biome/bin/biome', 'check', '--write', '.'));
}

/** The checks that compile nothing. */
async function lintQuickly() {
  const imports = ['--config', 'pkg-scripts/dev/import-rules.js', 'pkg-scripts', 'www', 'tests', 'bench'];
  await step('format of Rust', ['cargo', 'fmt', '--all', '--check']);
  await step('format and lint of JavaScript', nodeModule('@biomejs/biome/bin/biome', 'ci', '.'));
  await step('imports', nodeModule('dependency-cruiser/bin/dependency-cruise.mjs', ...imports));
}

async function lint() {
  await lintQuickly();
  await step('types', nodeModule('typescript/bin/tsc', '-p', 'tsconfig.json'));
  await clippy('clippy', '--workspace', '--all-targets');
  await clippy('clippy for WebAssembly', '--lib', '-p', 'petit', '--target', 'wasm32-unknown-unknown');
}

/**
 * @param {string} title
 * @param {string[]} selection of crates
 */
async function clippy(title, ...selection) {
  const args = ['clippy', '--locked', ...selection, '--', '-D', 'warnings'];
  await step(title, ['cargo', ...args], { output: 'progress' });
}

/** @param {string[]} [args] of pytest */
async function runPythonTests(args = ['tests/python']) {
  try {
    const pytest = ['-m', 'pytest', '-q', `--junitxml=${PYTHON_TIMES}`, ...args];
    await step('TD’s own clients against the emulator', [PYTHON, ...pytest]);
  } finally {
    addPythonTests(PYTHON_TIMES);
  }
}

/** Lint, and all fast tests. */
async function testAll() {
  await setUp({ forTests: true });
  await build({ emulator: true });
  await lint();
  await runRustTests({ minLines: MIN_COVERED_LINES });
  await runJsTests(testFiles({ full: false }), { minLines: MIN_COVERED_LINES });
  await runPythonTests();
  await step('instructions per row', [process.execPath, 'bench/instructions.js']);
}

/** Everything that must hold for a release, on the module of a release. */
async function testFull() {
  await setUp({ forTests: true, isFull: true });
  await build({ emulator: true, release: true });
  checkSize();
  await lint();
  await checkRustModules();
  await runRustTests({ minLines: MIN_COVERED_LINES, env: EXHAUSTIVE });
  await runJsTests(testFiles({ full: true }), { minLines: MIN_COVERED_LINES, env: EXHAUSTIVE });
  await runPythonTests();
  await step('instructions per row', [process.execPath, 'bench/instructions.js']);
  await step('fuzz', [process.execPath, 'tests/fuzz/run.js', '--seconds', FUZZ_SECONDS]);
}

/** Lint without tests. */
async function lintOnly() {
  await setUp({ forTests: false });
  if (values.quick) return lintQuickly();
  await build();
  await lint();
}

async function testUnits() {
  await setUp({ forTests: false });
  await build();
  await runRustTests({ targets: ['--lib'] });
  await runJsTests(testFiles({ full: false }).filter((path) => path.startsWith('tests/unit/')));
}

/** Builds, or unpacks the tarball that PETIT_TARBALL names: tests/support/installed.js. */
function buildOrUnpack() {
  const { PETIT_TARBALL: tarball } = process.env;
  return tarball ? unpackBuild(tarball) : build({ emulator: true });
}

async function testSmoke() {
  await setUp({ forTests: false });
  await buildOrUnpack();
  await runJsTests(
    testFiles({ full: false }).filter((path) => SMOKE.some((start) => path.startsWith(start))),
  );
}

/** @param {string} filter */
async function testSelected(filter) {
  const { js, rust, python } = findTests(filter);
  await setUp({ forTests: js !== undefined || python !== undefined });
  if (js || python) await buildOrUnpack();
  if (rust) await runRustTests(rust);
  if (js) await runJsTests(js.files, js);
  if (python) await runPythonTests(python.files.concat(python.namePattern ? ['-k', python.namePattern] : []));
  if (testCount() === 0) throw new StepError(`no test has "${filter}" in its path or name`);
}

const { values, positionals } = parseArgs({
  options: Object.fromEntries(
    ['full', 'lint', 'quick', 'ready', 'smoke', 'unit'].map((name) => [name, { type: 'boolean' }]),
  ),
  allowPositionals: true,
});
const [filter] = positionals;

await runScript(async () => {
  try {
    if (filter !== undefined) await testSelected(filter);
    else if (values.lint) await lintOnly();
    else if (values.unit) await testUnits();
    else if (values.smoke) await testSmoke();
    else if (values.full) await testFull();
    else {
      if (values.ready) await format();
      await testAll();
    }
  } finally {
    printStepTimes();
    printTests();
  }
});
