// npm run build [-- --release] [--size]: builds the WebAssembly module, its JavaScript bindings, the bundles for browsers and
// the page into dist/. Without --release the module is built quickly and runs slower.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { setUp } from './setup.js';
import { nodeModule, ROOT, runScript, StepError, step } from './steps.js';

const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
const WASM_TARGET = 'wasm32-unknown-unknown';
const WASM = join(ROOT, 'dist/wasm/petit_bg.wasm');
const BUILD_INFO = join(ROOT, 'dist/build.json');
/** Max size of the module of a release, in bytes. */
const BROTLI_BUDGET = 850_000;

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
  const tools = ['xtask', ...(emulator ? ['td-emulator-codec', 'accept-traces'] : [])];
  // With --workspace, dependencies have the same features as for the tests, and are compiled once for both.
  await cargo(
    `build ${tools.join(' and ')}`,
    'build',
    '--workspace',
    ...tools.flatMap((name) => ['--bin', name]),
  );
  const profile = release ? 'release' : 'dev';
  const lib = ['--lib', '-p', 'petit', '--target', WASM_TARGET, '--profile', profile];
  await cargo('build the WebAssembly module', 'build', ...lib);
  await makeBindings(profile);
  for (const { title, result, sources, command } of BUNDLES) {
    if (isOlder(result, sources)) await step(title, [...command]);
  }
  writeFileSync(BUILD_INFO, `${JSON.stringify({ commit: commit(), profile, wasm: wasmIdentity() })}\n`);
}

/**
 * @param {string} title
 * @param {string[]} args
 */
const cargo = (title, ...args) => step(title, ['cargo', ...args, '--locked'], { output: 'progress' });

/** Writes dist/wasm from cargo's module, unless that was done for the same module. @param {string} profile */
async function makeBindings(profile) {
  const module = join(TARGET, WASM_TARGET, profile === 'dev' ? 'debug' : profile, 'petit.wasm');
  const isFresh =
    builtProfile() === profile && existsSync(WASM) && statSync(WASM).mtimeMs > statSync(module).mtimeMs;
  if (isFresh) return;
  mkdirSync(join(ROOT, 'dist/wasm'), { recursive: true });
  await step('make the JavaScript bindings', [join(TARGET, 'debug/xtask'), module, 'dist/wasm']);
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
  await runScript(async () => {
    await setUp({ forTests: false });
    await build({ release });
    if (process.argv.includes('--size')) checkSize();
  });
}
