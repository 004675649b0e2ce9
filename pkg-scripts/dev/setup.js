// Brings what petit needs to be built and tested, and says what it brings. Runs with nothing installed:
// only Node's own modules may be imported here.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const STAMPS = join(ROOT, '.cache', 'setup');
const LLVM_COV_VERSION = '0.9.1';

/** Whether a command can be started at all.
 * @param {string} command
 * @param {string[]} arguments_ */
function answers(command, ...arguments_) {
  return spawnSync(command, arguments_, { cwd: ROOT, stdio: 'ignore' }).status === 0;
}

/** @param {string} command
 * @param {string[]} arguments_ */
function output(command, ...arguments_) {
  return spawnSync(command, arguments_, { cwd: ROOT, encoding: 'utf8' }).stdout ?? '';
}

/** Runs a command, its talk on stderr, and stops the set-up when it fails.
 * @param {string} says
 * @param {string} command
 * @param {string[]} arguments_ */
function install(says, command, ...arguments_) {
  process.stderr.write(`setup: ${says}\n`);
  try {
    execFileSync(command, arguments_, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  } catch (error) {
    throw new SetupError(`"${command} ${arguments_.join(' ')}" failed`, { cause: error });
  }
}

/** What a person has to do before the set-up can go on. */
class SetupError extends Error {}

/** Runs `work` unless it already ran for the same `files` and its `made` is still there.
 * @param {string} name
 * @param {string[]} files
 * @param {string} made
 * @param {() => void} work */
function once(name, files, made, work) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(ROOT, file)));
  const digest = hash.digest('hex');
  const stamp = join(STAMPS, name);
  if (existsSync(join(ROOT, made)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  work();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, digest);
}

/** Whether Debian packages can be installed here. */
function canInstallDebianPackages() {
  return process.platform === 'linux' && process.getuid?.() === 0 && answers('apt-get', '--version');
}

/** Debian packages by apt-get when that is possible, else one line that says what to install.
 * @param {string[]} packages
 * @param {string} why */
function debianPackages(packages, why) {
  if (!canInstallDebianPackages())
    throw new SetupError(`please install ${packages.join(' and ')} (${why}), then run this again`);
  process.env.DEBIAN_FRONTEND = 'noninteractive';
  install(`installing ${packages.join(', ')} by apt-get (${why})`, 'apt-get', 'update', '-qq');
  install('…', 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}

function rust() {
  if (!answers('cargo', '--version')) {
    throw new SetupError('please install Rust by rustup (https://rustup.rs), then run this again');
  }
  if (answers('rustup', '--version')) {
    const wanted = ['wasm32-unknown-unknown', 'llvm-tools', 'rustfmt', 'clippy'];
    const present = output('rustup', 'component', 'list', '--installed');
    const missing = wanted.filter((name) => !present.includes(name));
    if (missing.includes('wasm32-unknown-unknown')) {
      install(
        'adding the Rust target wasm32-unknown-unknown',
        'rustup',
        'target',
        'add',
        'wasm32-unknown-unknown',
      );
    }
    const components = missing.filter((name) => name !== 'wasm32-unknown-unknown');
    if (components.length > 0) {
      install(
        `adding the Rust components ${components.join(', ')}`,
        'rustup',
        'component',
        'add',
        ...components,
      );
    }
  }
  if (!answers('clang', '--version')) debianPackages(['clang'], 'compiles zstd to WebAssembly');
}

function npmPackages() {
  once('npm', ['package.json', 'package-lock.json'], 'node_modules', () => {
    install('installing the npm packages of package-lock.json', 'npm', 'ci', '--no-audit', '--no-fund');
  });
}

function browser() {
  if (existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium')) return;
  debianPackages(['chromium'], 'the browser that the page is tested in');
}

function coverageTool() {
  if (output('cargo', 'llvm-cov', '--version').includes(LLVM_COV_VERSION)) return;
  install(
    `installing cargo-llvm-cov ${LLVM_COV_VERSION} (measures the coverage of the Rust tests)`,
    'cargo',
    'install',
    '--quiet',
    '--locked',
    'cargo-llvm-cov',
    '--version',
    LLVM_COV_VERSION,
  );
}

function pythonEnvironment() {
  if (!answers('python3', '-c', 'import ensurepip, venv')) {
    debianPackages(['python3', 'python3-venv'], 'readers and TD clients that the tests compare with');
  }
  once('python', ['tests/requirements.txt'], '.venv/bin/python', () => {
    install('making a Python virtual environment in .venv', 'python3', '-m', 'venv', '.venv');
    install(
      'installing the Python packages of tests/requirements.txt into it',
      '.venv/bin/python',
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      'tests/requirements.txt',
    );
  });
}

/** Counts instructions, which it can do of these programs only. */
function valgrind() {
  const canCount = process.platform === 'linux' && process.arch === 'x64';
  if (!canCount || answers('valgrind', '--version')) return;
  debianPackages(['valgrind', 'libc6-dbg'], 'counts the instructions that a row takes');
}

/** The shells that the completions are for. Where they cannot be installed, their tests are skipped and say so. */
function shells() {
  const missing = ['zsh', 'fish'].filter((shell) => !answers(shell, '--version'));
  if (missing.length > 0 && canInstallDebianPackages()) debianPackages(missing, 'tests of the completions');
}

/** Sets up for building and running; with `forTests`, also what only the tests use.
 * @param {{ forTests: boolean }} options */
export function setUp({ forTests }) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node ${process.versions.node} is too old: please install Node 20.19 or later`);
  }
  rust();
  npmPackages();
  if (forTests) {
    coverageTool();
    valgrind();
    pythonEnvironment();
    browser();
    shells();
  }
}

/** Ends the process with one clear line when the set-up needs a person.
 * @param {unknown} error
 * @returns {never} */
export function stop(error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setUp({ forTests: process.argv.includes('--for-tests') });
  } catch (error) {
    stop(error);
  }
}
