// npm test: sets up, builds, checks and runs every test. `npm run ready` formats first.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkSize } from './build.js';
import { ROOT, setUp, stop } from './setup.js';

const COVERED_LINES = '90';

/** Runs a step; the first that fails ends the run with its exit code.
 * @param {string} title
 * @param {string} command
 * @param {string[]} arguments_ */
function step(title, command, ...arguments_) {
  const began = performance.now();
  console.log(`\n== ${title}`);
  const { status, error } = spawnSync(command, arguments_, { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) {
    console.error(`== ${title}: failed`);
    process.exit(status ?? 1);
  }
  console.log(`== ${title}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** @param {string} command
 * @param {string[]} arguments_ */
const npx = (command, ...arguments_) => [join(ROOT, 'node_modules/.bin', command), ...arguments_];

/** @param {string} title
 * @param {string[]} command */
const node = (title, command) => step(title, command[0] ?? '', ...command.slice(1));

function format() {
  step('format Rust', 'cargo', 'fmt', '--all');
  node('format JavaScript', npx('biome', 'check', '--write', '.'));
}

function check() {
  step('Rust is formatted', 'cargo', 'fmt', '--all', '--check');
  step(
    'clippy',
    'cargo',
    'clippy',
    '--quiet',
    '--locked',
    '--workspace',
    '--all-targets',
    '--',
    '-D',
    'warnings',
  );
  const wasm = ['--lib', '-p', 'petit', '--target', 'wasm32-unknown-unknown'];
  step('clippy for wasm', 'cargo', 'clippy', '--quiet', '--locked', ...wasm, '--', '-D', 'warnings');
  node('JavaScript is formatted and clean', npx('biome', 'ci', '.'));
  node('types', npx('tsc', '-p', 'tsconfig.json'));
}

function test() {
  step('instructions for a row', process.execPath, 'bench/instructions.js');
  const coverage = [
    '--workspace',
    '--exclude',
    'xtask',
    '--exclude',
    'petit-native',
    '--fail-under-lines',
    COVERED_LINES,
  ];
  step('Rust tests, with coverage', 'cargo', 'llvm-cov', '--locked', ...coverage);
  const files = readdirSync(join(ROOT, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join('tests', name));
  const c8 = [
    'c8',
    '--all',
    '--check-coverage',
    '--lines',
    COVERED_LINES,
    '--reporter',
    'text',
    '--src',
    'pkg-scripts',
  ];
  const covered = ['--include', 'pkg-scripts/**', ...NOT_COVERED.flatMap((name) => ['--exclude', name])];
  node(
    'JavaScript tests, with coverage',
    npx(c8[0] ?? '', ...c8.slice(1), ...covered, 'node', '--test', '--test-concurrency=3', ...files),
  );
  step(
    'Treasure Data’s own clients against the emulator',
    '.venv/bin/python',
    '-m',
    'pytest',
    '-q',
    'tests/python',
  );
}

/** What runs in no test: types, and the scripts that build and test petit, which are no part of the package. */
const NOT_COVERED = [
  '**/*.d.ts',
  'pkg-scripts/dev/**',
  // What only browsers run: the tests in Chromium do, where nothing counts the lines.
  ...['browser.js', 'platform/browser.js', 'platform/relay.js', 'sinks/**'].map(
    (name) => `pkg-scripts/${name}`,
  ),
];

try {
  setUp({ forTests: true });
  build();
  if (process.argv.includes('--ready')) format();
  checkSize();
  check();
  test();
} catch (error) {
  stop(error);
}
