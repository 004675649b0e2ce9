// Measures petit and the comparison targets, and writes docs/performance.md: npm run bench [-- OPTIONS]
//   --quick      small tables, in less than ten minutes; by default the sizes of the targets
//   --runs N     runs of each contestant (default 3)
//   --json FILE  also writes the figures
//   --only PARTS measures only these parts (such as start,growth) and reads the other figures from FILE
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, wasmSizes } from '../pkg-scripts/dev/build.js';
import { setUp } from '../pkg-scripts/dev/setup.js';
import { cloneContest, tinyContest } from './clone.js';
import { exportContest, scalingContest } from './export.js';
import { growthContest } from './growth.js';
import { chartSeries, page } from './report.js';
import { ROOT } from './server.js';
import { startContest } from './start.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
    only: { type: 'string' },
  },
});
const quick = values.quick;
const runs = Number(values.runs);
const SIZES = quick
  ? {
      exports: { clicks: 500_000, events: 500_000, logs: 500_000, wide: 5000, nested: 300_000 },
      ...{ scaling: 500_000, large: 300_000, small: 20_000, tiny: 60, growth: [200_000, 1_000_000] },
    }
  : {
      exports: { clicks: 5_000_000, events: 5_000_000, logs: 5_000_000, wide: 100_000, nested: 2_000_000 },
      ...{ scaling: 2_000_000, large: 2_000_000, small: 200_000, tiny: 500 },
      growth: [1_000_000, 10_000_000, 50_000_000],
    };

/** The parts of the measurement, by the name for --only. */
const PARTS = {
  start: () => startContest({ runs: 10 }),
  exports: async () => {
    const exports = [];
    for (const [recipe, rows] of Object.entries(SIZES.exports)) {
      logProgress(`td2parquet: ${rows} rows of ${recipe}`);
      exports.push(await exportContest(recipe, rows, { runs, folder, peers: true }));
    }
    return exports;
  },
  scaling: () => scalingContest(SIZES.scaling, { runs, folder }),
  clone: () => cloneContest(SIZES.large, SIZES.small, { runs }),
  tiny: () => tinyContest(SIZES.tiny, { runs, folder }),
  growth: () => growthContest(SIZES.growth, { runs, folder }),
};

await prepare();
const folder = await mkdtemp(join(tmpdir(), 'petit-bench-'));
try {
  const measurements = await measureAll();
  if (values.json) await writeFile(values.json, `${JSON.stringify(measurements, undefined, 2)}\n`);
  const { barChart } = await import('./chart.js');
  const { exports } = measurements;
  const groups = exports.map(({ recipe }) => recipe);
  const chart = barChart('td2parquet: thousands of rows per second', groups, chartSeries(exports));
  await writeFile(join(ROOT, 'docs/performance.svg'), chart);
  await writeFile(join(ROOT, 'docs/performance.md'), page(measurements));
  console.log(await readFile(join(ROOT, 'docs/performance.md'), 'utf8'));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Installs and builds all contestants. */
async function prepare() {
  await setUp({ forTests: true });
  await build({ release: true, emulator: true });
  /** @type {import('node:child_process').ExecFileSyncOptions} */
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  execFileSync('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'], options);
  const native = ['build', '--quiet', '--locked', '--release', '-p', 'petit-native', '--features', 'fast'];
  execFileSync('cargo', native, options);
}

/** @returns {Promise<import('./report.js').Measurements>} */
async function measureAll() {
  const wanted = values.only?.split(',') ?? Object.keys(PARTS);
  const unknown = wanted.filter((part) => !Object.hasOwn(PARTS, part));
  if (unknown.length > 0)
    throw new Error(`--only: unknown part ${unknown}, expected ${Object.keys(PARTS).join(', ')}`);
  if (values.only && !values.json) throw new Error('--only needs --json FILE with the other figures');
  const measurements = values.only ? JSON.parse(await readFile(values.json ?? '', 'utf8')) : {};
  if (values.only && measurements.quick !== quick)
    throw new Error('the figures in FILE are of tables of another size');
  for (const part of wanted) {
    logProgress(part);
    measurements[part] = await PARTS[/** @type {keyof PARTS} */ (part)]();
  }
  return { ...measurements, wasmBytes: wasmSizes().brotli, runs, quick };
}

/** @param {string} text */
function logProgress(text) {
  process.stderr.write(`${text}\n`);
}
