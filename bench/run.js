// Measures petit and whom it is compared with, and writes docs/performance.md. npm run bench [-- --quick]
//   --quick      small tables, in less than ten minutes; without it, what the targets are about
//   --runs N     of each contestant (3)
//   --json FILE  the figures, too
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, wasmSizes } from '../pkg-scripts/build.js';
import { setUp } from '../pkg-scripts/setup.js';
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
  },
});
const quick = values.quick;
const runs = Number(values.runs);
const SIZES = quick
  ? {
      exports: { events: 500_000, logs: 500_000, wide: 5000, nested: 300_000 },
      ...{ scaling: 500_000, large: 300_000, small: 20_000, tiny: 60, growth: [200_000, 1_000_000] },
    }
  : {
      exports: { events: 5_000_000, logs: 5_000_000, wide: 100_000, nested: 2_000_000 },
      ...{ scaling: 2_000_000, large: 2_000_000, small: 200_000, tiny: 500 },
      growth: [1_000_000, 10_000_000, 50_000_000],
    };

prepare();
const folder = await mkdtemp(join(tmpdir(), 'petit-bench-'));
try {
  const measurements = await measureAll();
  const { barChart } = await import('./chart.js');
  const { exports } = measurements;
  const groups = exports.map(({ recipe }) => recipe);
  const chart = barChart('td2parquet: thousands of rows a second', groups, chartSeries(exports));
  await writeFile(join(ROOT, 'docs/performance.svg'), chart);
  await writeFile(join(ROOT, 'docs/performance.md'), page(measurements));
  if (values.json) await writeFile(values.json, `${JSON.stringify(measurements, undefined, 2)}\n`);
  console.log(await readFile(join(ROOT, 'docs/performance.md'), 'utf8'));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Brings and builds everybody who takes part. */
function prepare() {
  setUp({ forTests: true });
  build();
  /** @type {import('node:child_process').ExecFileSyncOptions} */
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  execFileSync('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'], options);
  const native = ['build', '--quiet', '--locked', '--release', '-p', 'petit-native', '--features', 'fast'];
  execFileSync('cargo', native, options);
}

/** @returns {Promise<import('./report.js').Measurements>} */
async function measureAll() {
  const title = (/** @type {string} */ text) => void process.stderr.write(`${text}\n`);
  title('start');
  const start = await startContest({ runs: 10 });
  const exports = [];
  for (const [recipe, rows] of Object.entries(SIZES.exports)) {
    title(`td2parquet: ${rows} rows of ${recipe}`);
    exports.push(await exportContest(recipe, rows, { runs, folder, peers: true }));
  }
  title('two tables');
  const scaling = await scalingContest(SIZES.scaling, { runs, folder });
  title('clone-db');
  // The Python takes minutes for it.
  const clone = await cloneContest(SIZES.large, SIZES.small, { runs: quick ? runs : 1 });
  title('tiny tables');
  const tiny = await tinyContest(SIZES.tiny, { runs, folder });
  title('growth');
  const growth = await growthContest(SIZES.growth, { runs: quick ? runs : 1, folder });
  const wasmBytes = wasmSizes().brotli;
  return { exports, scaling, clone, tiny, start, growth, wasmBytes, runs, quick };
}
