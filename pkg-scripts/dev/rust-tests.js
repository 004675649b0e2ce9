// Builds and runs the Rust tests, instrumented for coverage, and checks the coverage of lines.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ROOT, StepError, step } from './steps.js';
import { addRustTests } from './test-times.js';

const COVERAGE = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'coverage');
const PROFILE = join(COVERAGE, 'all.profdata');
/** Files that the check of coverage leaves out: dependencies, the standard library, tests and tools. */
const NOT_COVERED = '/(registry|rustc|toolchains|tests|bench|xtask)/|/(tests|testing)\\.rs$';
const ENV = {
  RUSTC_WORKSPACE_WRAPPER: join(ROOT, 'pkg-scripts/dev/rustc-coverage.sh'),
  LLVM_PROFILE_FILE: join(COVERAGE, '%p-%m.profraw'),
};
/** Makes test programs print the duration of each test, which stable Rust allows with this variable only. */
const REPORT_TIME = ['--config', 'target."cfg(all())".runner=["env", "RUSTC_BOOTSTRAP=1"]'];
const TEST_OPTIONS = ['--', '-Z', 'unstable-options', '--report-time'];
const MAX_OUTPUT_BYTES = 2 ** 28;

/**
 * @param {object} selection
 * @param {string[]} [selection.targets] options of cargo that select test programs; all by default
 * @param {string[]} [selection.filters] parts of test names; all tests by default
 * @param {number} [selection.minLines] the least coverage of lines, in percent; not measured by default
 * @param {Record<string, string>} [selection.env]
 */
export async function runRustTests({ targets = ['--tests'], filters = [], minLines, env = {} }) {
  // Always the workspace: for a part of it, cargo selects other features, and compiles the dependencies again.
  const test = ['test', '--locked', '--workspace', ...targets];
  await step('build the Rust tests', ['cargo', ...test, '--no-run'], { output: 'progress', env: ENV });
  rmSync(COVERAGE, { recursive: true, force: true });
  mkdirSync(COVERAGE, { recursive: true });
  let output = '';
  try {
    await step('Rust tests', ['cargo', ...test, ...REPORT_TIME, ...TEST_OPTIONS, ...filters], {
      env: { ...ENV, ...env },
      onOutput: (text) => {
        output += text;
      },
    });
  } finally {
    addRustTests(output);
  }
  if (minLines !== undefined) checkCoverage(testPrograms(test), minLines);
}

/** @param {string[]} args of cargo @returns {string[]} paths */
function testPrograms(args) {
  return outputOf('cargo', ...args, '--no-run', '--message-format', 'json')
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? (JSON.parse(line).executable ?? []) : []));
}

/**
 * Prints the coverage of each file, and fails when that of all files together is too low.
 * @param {string[]} programs
 * @param {number} minLines in percent
 */
function checkCoverage(programs, minLines) {
  const profiles = readdirSync(COVERAGE).map((name) => join(COVERAGE, name));
  outputOf(llvmTool('llvm-profdata'), 'merge', '--sparse', ...profiles, '--output', PROFILE);
  const objects = programs.flatMap((path) => ['--object', path]);
  const options = ['--summary-only', '--instr-profile', PROFILE, '--ignore-filename-regex', NOT_COVERED];
  const { files, totals } = JSON.parse(outputOf(llvmTool('llvm-cov'), 'export', ...options, ...objects))
    .data[0];
  console.log('\nlines covered by the Rust tests, in percent');
  const percent = (/** @type {{ lines: { percent: number } }} */ { lines }) =>
    lines.percent.toFixed(1).padStart(6);
  for (const { filename, summary } of files) console.log(`${percent(summary)}  ${relative(ROOT, filename)}`);
  console.log(`${percent(totals)}  all files (at least ${minLines})`);
  if (totals.lines.percent < minLines) {
    throw new StepError(`the Rust tests cover fewer than ${minLines} % of the lines`);
  }
}

/** A tool of the toolchain's component llvm-tools. @param {string} name */
function llvmTool(name) {
  const host = /^host: (.*)$/m.exec(outputOf('rustc', '--version', '--verbose'))?.[1] ?? '';
  return join(outputOf('rustc', '--print', 'sysroot').trim(), 'lib/rustlib', host, 'bin', name);
}

/** @param {string} command @param {string[]} args */
function outputOf(command, ...args) {
  const options = { cwd: ROOT, env: { ...process.env, ...ENV }, maxBuffer: MAX_OUTPUT_BYTES };
  const { status, stdout, stderr } = spawnSync(command, args, { ...options, encoding: 'utf8' });
  if (status !== 0) throw new StepError(`"${command} ${args[0]}" failed: ${stderr}`);
  return stdout;
}
