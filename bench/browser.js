// Compares an export in Chromium, through `petit serve`, with `petit td2parquet`, on the same server and table:
// node bench/browser.js [--runs 3] [rows]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServer } from '../pkg-scripts/serve/server.js';
import { startEmulator } from '../tests/emulator/index.js';
import { Td } from '../tests/emulator/td.js';
import { Browser } from '../tests/support/browser.js';
import { buildLibraryPage } from '../tests/support/serve.js';
import { markdownTable, measure, median } from './support.js';

const CLI = fileURLToPath(new URL('../pkg-scripts/cli.js', import.meta.url));
const KEY = '1/a000000000000000000000000000000000000001';
const QUERY = 'SELECT * FROM "bench"."events"';
/** The minimum throughput of the browser, as a fraction of the command's. */
const MIN_RATIO = 0.7;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' } },
});
const rows = Number(positionals[0] ?? 2_000_000);

/** @type {{ name: string, seconds: number[] }[]} */
const contestants = [
  { name: '`petit td2parquet`, whole process', seconds: [] },
  { name: 'Chromium, to its private storage on disk', seconds: [] },
];

const folder = await mkdtemp(join(tmpdir(), 'petit-bench-'));
const emulator = await startEmulator({ seed: seed() });
const url = emulator.url('bench');
const built = await buildLibraryPage();
const served = await startServer({ folder: built.folder, port: 0, hosts: [], endpoints: [url] });
const browser = new Browser();
try {
  // The server caches the result, so that the SQL is not measured.
  const job = await new Td(url, KEY).query('bench', QUERY);
  if (job.status !== 'success') throw new Error(job.debug.stderr);
  await browser.start();
  const { page } = await browser.enter(served.url);
  for (let run = 0; run < Number(values.runs); run += 1) {
    const times = [await runCommand(), await runInBrowser(page)];
    for (const [index, { seconds, name }] of contestants.entries()) {
      seconds.push(times[index] ?? Number.NaN);
      process.stderr.write(`run ${run + 1}: ${name}: ${times[index]?.toFixed(2)} s\n`);
    }
  }
  console.log(report());
} finally {
  await browser.close();
  await served.close();
  await emulator.close();
  await built.remove();
  await rm(folder, { recursive: true, force: true });
}

/** @returns {import('../tests/emulator/seed.js').Seed} */
function seed() {
  const keys = [{ name: 'master', key: KEY, permission: /** @type {const} */ ('master') }];
  const tables = [{ name: 'events', generate: { recipe: 'events', rows } }];
  return {
    accounts: [{ name: 'bench', id: 1, site: 'us01', keys, databases: [{ name: 'bench', tables }] }],
  };
}

async function runCommand() {
  const output = join(folder, 'events.parquet');
  await rm(output, { force: true });
  const args = [CLI, 'td2parquet', 'bench', '--query', QUERY, '--endpoint', url, '--output', output];
  return (await measure(process.execPath, args, { TD_API_KEY: KEY })).seconds;
}

/** @param {import('../tests/support/browser.js').Page} page */
async function runInBrowser(page) {
  const request = { database: 'bench', query: QUERY, output: 'events.parquet' };
  const outcome = await page.evaluate(
    async ({ request, account }) => {
      const { petit } = /** @type {any} */ (window);
      const { relay } = petit.relayOfPage();
      const startMs = performance.now();
      const { tables } = await petit.call('toPrivateFolder', { ...request, account: { ...account, relay } });
      return { seconds: (performance.now() - startMs) / 1000, rows: Number(tables[0]?.rows) };
    },
    { request, account: { endpoint: url, apikey: KEY } },
  );
  if (outcome.rows !== rows) throw new Error(`the browser wrote ${outcome.rows} of ${rows} rows`);
  return outcome.seconds;
}

function report() {
  const [command = Number.NaN, inChromium = Number.NaN] = contestants.map(({ seconds }) => median(seconds));
  const ratio = command / inChromium;
  const lines = contestants.map(({ name, seconds }) => [
    name,
    `${median(seconds).toFixed(2)} (${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)})`,
    Math.round(rows / median(seconds)).toLocaleString('en-US'),
  ]);
  return [
    `### ${rows.toLocaleString('en-US')} rows, zstd; median of ${values.runs} (minimum–maximum)`,
    '',
    markdownTable(['', 'seconds', 'rows/s'], lines),
    '',
    `Chromium has ${ratio.toFixed(2)} of the command's throughput; target: at least ${MIN_RATIO}.`,
  ].join('\n');
}
