// node bench/instructions.js [--record]: counts the instructions per row of each stage of the codec, which are the same on
// each run, and compares them with instructions.json.
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
const ROWS = 20_000;
/** Recipes of the program, each of {@link ROWS} rows. */
const RECIPES = 3;
/** Max difference from the record, as a fraction. */
const TOLERANCE = 0.05;

if (!canCount()) {
  console.log('skipped: counting instructions needs x86-64 Linux and valgrind');
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

/** @returns {Promise<Record<string, number>>} instructions per row, by stage */
async function countAll() {
  const folder = await mkdtemp(join(tmpdir(), 'petit-instructions-'));
  try {
    execFileSync(PROGRAM, ['generate', String(ROWS), folder]);
    const limit = pLimit(availableParallelism());
    const counts = STAGES.map((stage) => limit(async () => [stage, await count(stage, folder)]));
    return Object.fromEntries(await Promise.all(counts));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} stage
 * @param {string} folder
 */
async function count(stage, folder) {
  const options = ['--tool=callgrind', '--toggle-collect=*stages*watched*', '--callgrind-out-file=/dev/null'];
  // The C library selects routines by the processor's features. These settings make it select the same ones everywhere.
  const env = {
    ...process.env,
    GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2_Usable,-AVX2,-ERMS',
  };
  const run = await promisify(execFile)('valgrind', [...options, PROGRAM, 'stage', stage, folder], { env });
  const instructions = Number(/Collected : (\d+)/.exec(run.stderr)?.[1]);
  if (!(instructions > 0)) throw new Error(`valgrind counted no instructions for ${stage}:\n${run.stderr}`);
  return Math.round(instructions / (RECIPES * ROWS));
}

/**
 * @param {Record<string, number>} counted
 * @param {Record<string, number>} recorded
 */
function compare(counted, recorded) {
  for (const [stage, instructions] of Object.entries(counted)) {
    const change = instructions / (recorded[stage] ?? Number.NaN) - 1;
    const result = `${stage}: ${instructions} instructions per row, recorded ${recorded[stage]} (${(100 * change).toFixed(1)} %)`;
    if (!(change <= TOLERANCE)) {
      console.error(`${result}: too many. To accept them: node bench/instructions.js --record`);
      process.exitCode = 1;
    } else if (change < -TOLERANCE) {
      console.log(`${result}: fewer. Record them: node bench/instructions.js --record`);
    } else {
      console.log(result);
    }
  }
}
