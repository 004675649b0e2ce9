// Counts the instructions per row of the core's stages, which are the same in each run, and compares them with
// instructions.json: node bench/instructions.js [--record]
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
/** The number of recipes of the program. Each has ROWS rows. */
const RECIPES = 4;
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
  // Makes the C library use the same routines on every processor.
  const env = {
    ...process.env,
    GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2_Usable,-AVX2,-ERMS',
  };
  const run = await promisify(execFile)('valgrind', [...options, PROGRAM, 'stage', stage, folder], { env });
  const instructions = Number(/Collected : (\d+)/.exec(run.stderr)?.[1]);
  if (!(instructions > 0)) throw new Error(`valgrind counted nothing for ${stage}:\n${run.stderr}`);
  return Math.round(instructions / (RECIPES * ROWS));
}

/**
 * @param {Record<string, number>} counted
 * @param {Record<string, number>} recorded
 */
function compare(counted, recorded) {
  for (const [stage, instructions] of Object.entries(counted)) {
    const change = instructions / (recorded[stage] ?? Number.NaN) - 1;
    const line = `${stage}: ${instructions} instructions per row, recorded ${recorded[stage]} (${(100 * change).toFixed(1)} %)`;
    if (!(change <= TOLERANCE)) {
      console.error(`${line}: too many. With a good reason, record it: node bench/instructions.js --record`);
      process.exitCode = 1;
    } else if (change < -TOLERANCE) {
      console.log(`${line}: fewer. Record it: node bench/instructions.js --record`);
    } else {
      console.log(line);
    }
  }
}
