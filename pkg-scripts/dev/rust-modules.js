// Checks with cargo-modules and tsort that no module of a Rust crate imports itself, directly or through others. The compiler
// checks the same for crates. Building cargo-modules takes about 3 minutes of CPU, once.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, runScript, StepError, step } from './steps.js';

const VERSION = '0.27.0';
const TOOLS = join(ROOT, '.cache/tools');
const CARGO_MODULES = join(TOOLS, 'bin/cargo-modules');
/** `src/wasm` is missing: cargo-modules cannot read a crate that exists only for WebAssembly. */
const CRATES = ['petit-text', 'petit-codec', 'petit-td', 'petit-plan'];
/** Only the modules of the crate itself, and which of them uses which. */
const GRAPH_OPTIONS = [
  '--lib',
  '--no-externs',
  '--no-sysroot',
  '--no-fns',
  '--no-traits',
  '--no-types',
  '--no-owns',
];
const INSTALL = ['install', `cargo-modules@${VERSION}`, '--debug', '--locked', '--root', TOOLS];

/** Checks all crates. */
export async function checkRustModules() {
  await installCargoModules();
  for (const crate of CRATES) checkModules(crate);
}

export async function installCargoModules() {
  const { stdout } = spawnSync(CARGO_MODULES, ['modules', '--version'], { encoding: 'utf8' });
  if (stdout?.includes(VERSION)) return;
  await step('install cargo-modules', ['cargo', ...INSTALL], { output: 'progress' });
}

/**
 * Fails if modules of a crate form a cycle.
 * @param {string} crate
 * @param {string} [folder] of the workspace
 */
export function checkModules(crate, folder = ROOT) {
  const command = ['modules', 'dependencies', '-p', crate, ...GRAPH_OPTIONS];
  const { status, stdout, stderr } = spawnSync(CARGO_MODULES, command, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new StepError(`cargo-modules failed for ${crate}: ${stderr}`);
  const cycle = findCycle(stdout);
  if (cycle) throw new StepError(`modules of ${crate} import each other: ${cycle}`);
}

/**
 * @param {string} graph in the DOT language, as cargo-modules prints it
 * @returns {string | undefined} the modules of a cycle
 */
export function findCycle(graph) {
  const edges = [...graph.matchAll(/^\s*"([\w:]+)" -> "([\w:]+)"/gm)].map(([, from, to]) => `${from} ${to}`);
  const { status, stderr, error } = spawnSync('tsort', { input: edges.join('\n'), encoding: 'utf8' });
  if (error) throw new StepError(`tsort cannot run: ${error.message}`);
  if (status === 0) return undefined;
  return [...stderr.matchAll(/^tsort: ([\w:]+)$/gm)].map(([, name]) => name).join(', ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runScript(checkRustModules);
