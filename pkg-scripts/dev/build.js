// Builds the WebAssembly module, its JavaScript bindings, the browser's worker and the page into dist/, and the
// emulator's codec.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { ROOT, setUp, stop } from './setup.js';

const RAW = resolve(
  ROOT,
  process.env.CARGO_TARGET_DIR ?? 'target',
  'wasm32-unknown-unknown/release/petit.wasm',
);
const WASM = join(ROOT, 'dist/wasm/petit_bg.wasm');
const BUNDLE = join(ROOT, 'dist/browser.js');
/** What the bundles for browsers are made of. */
const BUNDLE_SOURCES = ['pkg-scripts', 'dist/wasm', 'package-lock.json'];
const PAGE = join(ROOT, 'dist/www/index.html');
/** What the page is made of. */
const PAGE_SOURCES = ['www', 'pkg-scripts', 'dist/wasm', 'package-lock.json'];
const BROTLI_BUDGET = 700_000;

/** @param {string} command
 * @param {string[]} arguments_ */
function run(command, ...arguments_) {
  execFileSync(command, arguments_, { cwd: ROOT, stdio: ['ignore', 2, 2] });
}

/** @param {string[]} arguments_ */
const cargo = (...arguments_) => run('cargo', ...arguments_);

/** Builds what is out of date. */
export function build() {
  cargo(
    'build',
    '--quiet',
    '--locked',
    '--release',
    '--lib',
    '-p',
    'petit',
    '--target',
    'wasm32-unknown-unknown',
  );
  const fresh = existsSync(WASM) && statSync(WASM).mtimeMs > statSync(RAW).mtimeMs;
  if (!fresh) {
    mkdirSync(join(ROOT, 'dist/wasm'), { recursive: true });
    cargo('run', '--quiet', '--locked', '-p', 'xtask', '--profile', 'xtask', '--', RAW, 'dist/wasm');
  }
  cargo('build', '--quiet', '--locked', '-p', 'td-emulator-codec', '--profile', 'tool');
  makeFrom(BUNDLE_SOURCES, BUNDLE, () => run(process.execPath, 'pkg-scripts/dev/bundle.js'));
  makeFrom(PAGE_SOURCES, PAGE, () => vite('www/vite.config.js'));
  writeFileSync(
    join(ROOT, 'dist/build.json'),
    `${JSON.stringify({ commit: commit(), wasm: wasmIdentity() })}\n`,
  );
}

/**
 * Makes what is made of `sources`, unless `made` is newer.
 * @param {string[]} sources
 * @param {string} made
 * @param {() => void} make
 */
function makeFrom(sources, made, make) {
  const changed = Math.max(...sources.map((name) => newest(join(ROOT, name))));
  if (existsSync(made) && statSync(made).mtimeMs > changed) return;
  make();
}

/** @param {string} config */
const vite = (config) =>
  run(join(ROOT, 'node_modules/.bin/vite'), 'build', '--config', config, '--logLevel', 'warn');

/**
 * When the newest of the files there was changed.
 * @param {string} path of a file or folder
 * @returns {number}
 */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** The module's size in bytes, as it is and compressed. */
export function wasmSizes() {
  const module = readFileSync(WASM);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: module.length };
  return {
    raw: module.length,
    gzip: gzipSync(module, { level: 9 }).length,
    brotli: brotliCompressSync(module, { params }).length,
  };
}

/** What tells the module from any other. */
function wasmIdentity() {
  const module = readFileSync(WASM);
  return { bytes: module.length, sha256: createHash('sha256').update(module).digest('hex') };
}

/** The commit that is built, `+` after it when files differ from it; undefined outside git.
 * @returns {string | undefined} */
function commit() {
  const git = (/** @type {string[]} */ ...arguments_) =>
    execFileSync('git', arguments_, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    // No git here, or no repository: a release's sources, for example.
    return undefined;
  }
}

/** Prints the module's size and fails above the budget. */
export function checkSize() {
  const { raw, gzip, brotli } = wasmSizes();
  console.log(`wasm: ${raw} bytes, gzip ${gzip}, brotli ${brotli} (budget ${BROTLI_BUDGET})`);
  if (brotli > BROTLI_BUDGET) throw new Error(`the wasm module is over its budget of ${BROTLI_BUDGET} bytes`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setUp({ forTests: false });
    build();
    if (process.argv.includes('--size')) checkSize();
  } catch (error) {
    stop(error);
  }
}
