// npm run build [-- --release] [--size] [--for-tests]: builds the WebAssembly module, its JavaScript bindings, the bundles for
// browsers and the page into dist/. Without --release the module is built quickly and runs slower. With --for-tests, it also
// installs and builds what only the tests use.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { setUp } from './setup.js';
import { nodeModule, ROOT, runScript, StepError, step } from './steps.js';

const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
const EMULATOR_CODEC = 'td-emulator-codec';
/** The emulator's codec, and what checks the requests of simulated clones against the model of a publish. */
const TEST_TOOLS = [EMULATOR_CODEC, 'accept-traces'];
const WASM_TARGET = 'wasm32-unknown-unknown';
const BINDINGS = join(ROOT, 'dist/wasm');
/** In the page's folder, which is complete by itself. The command and the library load it from there. */
const WASM = join(ROOT, 'dist/www/wasm/petit_bg.wasm');
const BUILD_INFO = join(ROOT, 'dist/build.json');
/** Max size of the module of a release, in bytes. */
const BROTLI_BUDGET = 950_000;

/** What is made from scripts and the module: a file of the result, and the files and folders that it depends on. */
const BUNDLES = [
  {
    title: 'bundle the library',
    result: 'dist/browser.js',
    sources: ['pkg-scripts', 'dist/wasm', 'package-lock.json'],
    command: /** @type {const} */ ([process.execPath, 'pkg-scripts/dev/bundle.js']),
  },
  {
    title: 'bundle the page',
    result: 'dist/www/index.html',
    sources: ['www', 'pkg-scripts', 'dist/wasm', 'package-lock.json'],
    command: nodeModule('vite/bin/vite.js', 'build', '--config', 'www/vite.config.js', '--logLevel', 'warn'),
  },
];

/**
 * @typedef {object} BuildOptions
 * @property {boolean} [release] whether the module is built as `npm pack` needs it: small and fast, with minutes of link-time
 *   optimization; default false
 * @property {boolean} [emulator] whether what tests run is built too: the emulator's codec, the model; default false
 */

/**
 * Builds what is out of date.
 * @param {BuildOptions} [options]
 */
export async function build({ release = false, emulator = false } = {}) {
  await buildTools('xtask', ...(emulator ? TEST_TOOLS : []));
  const profile = release ? 'release' : 'dev';
  const lib = ['--lib', '-p', 'petit', '--target', WASM_TARGET, '--profile', profile];
  await cargo('build the WebAssembly module', 'build', ...lib, '--config', withoutLocalPaths(release));
  await makeBindings(profile);
  for (const { title, result, sources, command } of BUNDLES) {
    if (isOlder(result, sources)) await step(title, [...command]);
  }
  writeFileSync(BUILD_INFO, `${JSON.stringify({ commit: commit(), profile, wasm: wasmIdentity() })}\n`);
}

/**
 * Builds the emulator's codec, and takes everything else from a tarball.
 * @param {string} tarball path, relative to the project
 */
export async function unpackBuild(tarball) {
  await buildTools(EMULATOR_CODEC);
  await step('unpack dist/', ['tar', '-xzf', tarball, '--strip-components=1', 'package/dist']);
}

/** @param {string[]} tools */
async function buildTools(...tools) {
  const targets = tools.flatMap((name) => ['--bin', name]);
  // With --workspace, dependencies have the same features as for the tests, and are compiled once for both.
  await cargo(`build ${tools.join(' and ')}`, 'build', '--workspace', ...targets);
}

/**
 * @param {string} title
 * @param {string[]} args
 */
const cargo = (title, ...args) => step(title, ['cargo', ...args, '--locked'], { output: 'progress' });

/**
 * Settings of cargo that replace the folders of this computer in the module, where messages of panics name source files. The
 * module is then the same wherever it is built.
 * @param {boolean} release whether the folders of this checkout are replaced too: with the flags of another checkout, every
 *   crate would be compiled again
 */
function withoutLocalPaths(release) {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const sysroot = execFileSync('rustc', ['--print', 'sysroot'], { cwd: ROOT, encoding: 'utf8' }).trim();
  // Where several of them match, the last one applies.
  const names = [
    [sysroot, '/rust'],
    [cargoHome, '/cargo'],
    ...(release
      ? [
          [ROOT, '/petit'],
          [TARGET, '/target'],
        ]
      : []),
  ];
  const flags = names.map(([path, name]) => `--remap-path-prefix=${path}=${name}`);
  // cargo appends these flags to those of .cargo/config.toml.
  return `target.${WASM_TARGET}.rustflags=${JSON.stringify(flags)}`;
}

/** Writes the bindings and the module from cargo's module, unless that was done for the same module. @param {string} profile */
async function makeBindings(profile) {
  const module = join(TARGET, WASM_TARGET, profile === 'dev' ? 'debug' : profile, 'petit.wasm');
  const isFresh =
    builtProfile() === profile && existsSync(WASM) && statSync(WASM).mtimeMs > statSync(module).mtimeMs;
  if (isFresh) return;
  for (const folder of [BINDINGS, dirname(WASM)]) mkdirSync(folder, { recursive: true });
  await step('make the JavaScript bindings', [join(TARGET, 'debug/xtask'), module, BINDINGS]);
  renameSync(join(BINDINGS, 'petit_bg.wasm'), WASM);
}

/** The profile that dist/wasm was built with. @returns {string | undefined} */
function builtProfile() {
  return existsSync(BUILD_INFO) ? JSON.parse(readFileSync(BUILD_INFO, 'utf8')).profile : undefined;
}

/** Whether dist/ was built before, so that building takes seconds. */
export const isBuilt = () => existsSync(BUILD_INFO);

/**
 * @param {string} result
 * @param {string[]} sources
 */
function isOlder(result, sources) {
  const path = join(ROOT, result);
  if (!existsSync(path)) return true;
  return statSync(path).mtimeMs <= Math.max(...sources.map((name) => newestChange(join(ROOT, name))));
}

/**
 * @param {string} path of a file or folder
 * @returns {number} the time of the latest change in it
 */
function newestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

/** The module's size in bytes, raw and compressed. */
export function wasmSizes() {
  const module = readFileSync(WASM);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: module.length };
  return {
    raw: module.length,
    gzip: gzipSync(module, { level: 9 }).length,
    brotli: brotliCompressSync(module, { params }).length,
  };
}

function wasmIdentity() {
  const module = readFileSync(WASM);
  return { bytes: module.length, sha256: createHash('sha256').update(module).digest('hex') };
}

/**
 * The commit that is built, with `+` when files differ from it; undefined outside git.
 * @returns {string | undefined}
 */
function commit() {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    // No git, or no repository: the sources of a release, for example.
    return undefined;
  }
}

/** Prints the module's size and fails when it exceeds the budget. */
export function checkSize() {
  const { raw, gzip, brotli } = wasmSizes();
  console.log(`wasm: ${raw} bytes, gzip ${gzip}, brotli ${brotli} (budget ${BROTLI_BUDGET})`);
  if (brotli > BROTLI_BUDGET) {
    throw new StepError(`the WebAssembly module exceeds its budget of ${BROTLI_BUDGET} bytes`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const release = process.argv.includes('--release');
  const forTests = process.argv.includes('--for-tests');
  await runScript(async () => {
    await setUp({ forTests });
    await build({ release, emulator: forTests });
    if (process.argv.includes('--size')) checkSize();
  });
}
