// Installs what building and testing petit needs, and reports what it installs. Runs when nothing is installed, so only
// Node's own modules may be imported here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { isTerminal, ROOT, runScript, StepError, step } from './steps.js';

export { ROOT };

const STAMPS = join(ROOT, '.cache/setup');

/**
 * Whether a command runs and succeeds.
 * @param {string} command
 * @param {string[]} args
 */
function succeeds(command, ...args) {
  return spawnSync(command, args, { cwd: ROOT, stdio: 'ignore' }).status === 0;
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function outputOf(command, ...args) {
  return spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' }).stdout ?? '';
}

/**
 * Runs `work` unless it already ran for the same contents of `files` and `result` still exists.
 * @param {string} name of the stamp
 * @param {string[]} files
 * @param {string} result path
 * @param {() => Promise<unknown>} work
 */
async function whenChanged(name, files, result, work) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(ROOT, file)));
  const digest = hash.digest('hex');
  const stamp = join(STAMPS, name);
  if (existsSync(join(ROOT, result)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  await work();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, digest);
}

/**
 * @typedef {object} Program a program that Debian packages bring
 * @property {string[]} packages
 * @property {string} reason
 * @property {() => boolean} isInstalled
 * @property {boolean} [isOptional] where it cannot be installed, the tests that use it are skipped
 */

/** @type {Program} */
const CLANG = {
  packages: ['clang'],
  reason: 'compiles zstd to WebAssembly',
  isInstalled: () => succeeds('clang', '--version'),
};

/** For `npm run test:full`. @type {Program} */
const FIREFOX = {
  packages: ['firefox-esr'],
  reason: 'the second browser that opens the page',
  isInstalled: () => existsSync(process.env.FIREFOX ?? '/usr/bin/firefox-esr'),
};

/** Programs of the tests. @type {Program[]} */
const TEST_PROGRAMS = [
  {
    packages: ['chromium'],
    reason: 'the browser that opens the page',
    isInstalled: () => existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium'),
  },
  {
    packages: ['python3', 'python3-venv'],
    reason: 'runs Parquet readers and TD clients',
    isInstalled: () => succeeds('python3', '-c', 'import ensurepip, venv'),
  },
  {
    packages: ['valgrind', 'libc6-dbg'],
    reason: 'counts instructions per row',
    isInstalled: () => process.arch !== 'x64' || succeeds('valgrind', '--version'),
    isOptional: true,
  },
  ...['zsh', 'fish'].map((shell) => ({
    ...{ packages: [shell], reason: 'completes commands', isOptional: true },
    isInstalled: () => succeeds(shell, '--version'),
  })),
];

/**
 * Installs the Debian packages of programs that are missing, on a terminal only after a question. Where apt-get cannot run
 * or is not wanted, the set-up ends and names the packages.
 * @param {Program[]} programs
 */
async function installPrograms(programs) {
  const canInstall =
    process.platform === 'linux' && process.getuid?.() === 0 && succeeds('apt-get', '--version');
  const missing = programs.filter(
    ({ isInstalled, isOptional }) => !((isOptional && !canInstall) || isInstalled()),
  );
  if (missing.length === 0) return;
  const reasons = missing.map(({ packages: [name], reason }) => `${name} ${reason}`).join(', ');
  const names = missing.flatMap(({ packages }) => packages);
  const manual = new StepError(`please install ${names.join(' ')} (${reasons}), then run this command again`);
  if (!canInstall) throw manual;
  if (process.stdin.isTTY && isTerminal()) {
    if (!(await confirm(`Run apt-get install ${names.join(' ')} (${reasons})?`))) throw manual;
  } else {
    console.error(`setup: runs apt-get install ${names.join(' ')} (${reasons})`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', ...names];
  await step('apt-get update', ['apt-get', 'update'], { output: 'log', env });
  await step('apt-get install', ['apt-get', ...install], { output: 'log', env });
}

/**
 * Asks on the terminal; Enter means yes.
 * @param {string} question
 */
async function confirm(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [Y/n] `);
  terminal.close();
  return /^(y|yes)?$/i.test(answer.trim());
}

/** Installs the toolchain of rust-toolchain.toml, or what it lacks. */
async function installToolchain() {
  if (!succeeds('rustup', '--version')) {
    if (succeeds('cargo', '--version')) return;
    throw new StepError('please install Rust with rustup (https://rustup.rs), then run this command again');
  }
  const file = readFileSync(join(ROOT, 'rust-toolchain.toml'), 'utf8');
  const listOf = (/** @type {string} */ key) =>
    [...(new RegExp(`^${key} = (.*)$`, 'm').exec(file)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(
      ([, name = '']) => name,
    );
  const [channel = ''] = listOf('channel');
  const [components, targets] = [listOf('components'), listOf('targets')];
  // Any other rustup command would install a missing toolchain by itself, and silently.
  const isPresent = outputOf('rustup', 'toolchain', 'list').includes(channel);
  const installed = isPresent ? outputOf('rustup', 'component', 'list', '--installed') : '';
  if ([...components, ...targets].every((name) => installed.includes(name))) return;
  const options = [...components.flatMap((name) => ['-c', name]), ...targets.flatMap((name) => ['-t', name])];
  const install = ['toolchain', 'install', channel, '--profile', 'minimal', '--no-self-update', ...options];
  await step(`install Rust ${channel}`, ['rustup', ...install], { output: 'log' });
}

async function installNpmPackages() {
  await whenChanged('npm', ['package.json', 'package-lock.json'], 'node_modules', async () => {
    const npm = process.env.npm_execpath;
    const ci = ['ci', '--no-audit', '--no-fund'];
    await step('npm ci', npm ? [process.execPath, npm, ...ci] : ['npm', ...ci], { output: 'log' });
  });
}

async function installPythonPackages() {
  await whenChanged('python', ['tests/requirements.txt'], '.venv/bin/python', async () => {
    await step('python3 -m venv', ['python3', '-m', 'venv', '.venv'], { output: 'log' });
    const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '-r', 'tests/requirements.txt'];
    await step('pip install', ['.venv/bin/python', ...install], { output: 'log' });
  });
}

/**
 * Installs what builds and runs petit; with `forTests`, also what only the tests use.
 * @param {{ forTests: boolean, isFull?: boolean }} options
 */
export async function setUp({ forTests, isFull = false }) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    const { node } = process.versions;
    throw new StepError(
      `Node ${node} is too old: please install Node 20.19 or later, then run this command again`,
    );
  }
  await installPrograms([CLANG, ...(forTests ? TEST_PROGRAMS : []), ...(isFull ? [FIREFOX] : [])]);
  await installToolchain();
  await installNpmPackages();
  if (forTests) await installPythonPackages();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(() => setUp({ forTests: process.argv.includes('--for-tests') }));
}
