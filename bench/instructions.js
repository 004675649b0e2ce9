// Counts the instructions per row of the core's stages for each recipe, which are the same in each run, and compares them
// with instructions.json: node bench/instructions.js [--record]
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pLimit from 'p-limit';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RECORD = new URL('instructions.json', import.meta.url);
const PROFILE = 'instructions';
const PROGRAM = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', PROFILE, 'petit-native');
const STAGES = ['gunzip', 'split', 'encode', 'stitch', 'transcode'];
const RECIPES = ['clicks', 'events', 'logs', 'nested'];
/** The number of rows of each recipe. */
const ROWS = 20_000;
/** The maximum increase over the recorded figure, as a fraction of it. */
const TOLERANCE = 0.05;

if (!canCount()) {
  console.log('skipped: instructions are counted only on x86-64 Linux with valgrind');
} else {
  const cargo = ['build', '--locked', '--workspace', '--bin', 'petit-native', '--profile', PROFILE];
  execFileSync('cargo', cargo, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  const counted = await countAll();
  if (process.argv.includes('--record')) {
    await writeFile(RECORD, `${JSON.stringify(counted, undefined, 2)}\n`);
    console.log('recorded in bench/instructions.json:', counted);
  } else {
    compare(counted, JSON.parse(await readFile(RECORD, 'utf8')));
  }
}

function canCount() {
  const valgrind = spawnSync('valgrind', ['--version'], { stdio: 'ignore' }).status === 0;
  return process.platform === 'linux' && process.arch === 'x64' && valgrind;
}

/**
 * @typedef {Record<string, Record<string, number>>} Counts instructions per row, by stage and recipe
 *
 * @returns {Promise<Counts>}
 */
async function countAll() {
  const folder = await mkdtemp(join(tmpdir(), 'petit-instructions-'));
  try {
    execFileSync(PROGRAM, ['generate', String(ROWS), folder]);
    const limit = pLimit(availableParallelism());
    const counts = STAGES.map(async (stage) => {
      const ofRecipes = RECIPES.map((recipe) =>
        limit(async () => [recipe, await count(stage, recipe, folder)]),
      );
      return [stage, Object.fromEntries(await Promise.all(ofRecipes))];
    });
    return Object.fromEntries(await Promise.all(counts));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} stage
 * @param {string} recipe
 * @param {string} folder
 * @returns {Promise<number>} instructions per row
 */
async function count(stage, recipe, folder) {
  const options = ['--tool=callgrind', '--toggle-collect=*stages*watched*', '--callgrind-out-file=/dev/null'];
  // Makes the C library use the same routines on every processor.
  const env = {
    ...process.env,
    GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2_Usable,-AVX2,-ERMS',
  };
  const command = [PROGRAM, 'stage', stage, recipe, folder];
  const run = await promisify(execFile)('valgrind', [...options, ...command], { env });
  const instructions = Number(/Collected : (\d+)/.exec(run.stderr)?.[1]);
  if (!(instructions > 0))
    throw new Error(`valgrind counted nothing for ${stage}, ${recipe}:\n${run.stderr}`);
  return Math.round(instructions / ROWS);
}

/**
 * @param {Counts} counted
 * @param {Counts} recorded
 */
function compare(counted, recorded) {
  for (const [stage, ofRecipes] of Object.entries(counted)) {
    for (const [recipe, instructions] of Object.entries(ofRecipes)) {
      compareOne(`${stage}, ${recipe}`, instructions, recorded[stage]?.[recipe]);
    }
  }
}

/**
 * @param {string} what
 * @param {number} instructions
 * @param {number} [recorded]
 */
function compareOne(what, instructions, recorded = Number.NaN) {
  const change = instructions / recorded - 1;
  const line = `${what}: ${instructions} instructions per row, recorded ${recorded} (${(100 * change).toFixed(1)} %)`;
  if (!(change <= TOLERANCE)) {
    console.error(`${line}: too many. With a good reason, record it: node bench/instructions.js --record`);
    process.exitCode = 1;
  } else if (change < -TOLERANCE) {
    console.log(`${line}: fewer. Record it: node bench/instructions.js --record`);
  } else {
    console.log(line);
  }
}
