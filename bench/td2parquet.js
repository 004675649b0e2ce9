// Measures `petit td2parquet` against the obvious Python (peer_td2parquet.py) on one server and one table:
// node bench/td2parquet.js [--runs 3] [rows…]          e.g. 2000000 10000000
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { startEmulator } from '../tests/emulator/index.js';
import { Td } from '../tests/emulator/td.js';
import { markdownTable, measure, median } from './support.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KEY = '1/a000000000000000000000000000000000000001';
const DATABASE = 'bench';
const TABLE = 'events';
const SQL = { petit: `SELECT * FROM "${DATABASE}"."${TABLE}"`, python: `SELECT * FROM "${TABLE}"` };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' } },
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [2_000_000];
for (const rows of sizes) await compare(rows, Number(values.runs));

/**
 * @param {number} rows
 * @param {number} runs
 */
async function compare(rows, runs) {
  const folder = await mkdtemp(join(tmpdir(), 'petit-bench-'));
  const server = await startEmulator({ seed: seedOf(rows) });
  try {
    const url = server.url('bench');
    const spooled = await spool(url);
    const contestants = contestantsAt(url, folder);
    for (let run = 0; run < runs; run += 1) {
      for (const contestant of contestants) {
        const { command, args, output, results } = contestant;
        await rm(output, { force: true });
        const measured = await measure(command, args, { TD_API_KEY: KEY });
        const written = await rowsIn(output);
        if (written !== rows) throw new Error(`${contestant.name} wrote ${written} of ${rows} rows`);
        results.push({ ...measured, fileBytes: (await stat(output)).size });
        process.stderr.write(`run ${run + 1}: ${contestant.name}: ${measured.seconds.toFixed(2)} s\n`);
      }
    }
    console.log(report(rows, runs, spooled, contestants));
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {number} rows @returns {import('../tests/emulator/seed.js').Seed} */
function seedOf(rows) {
  const keys = [{ name: 'master', key: KEY, permission: /** @type {const} */ ('master') }];
  const tables = [{ name: TABLE, generate: { recipe: 'events', rows } }];
  const databases = [{ name: DATABASE, tables }];
  return { accounts: [{ name: 'bench', id: 1, site: 'us01', keys, databases }] };
}

/**
 * Has the server run everybody's query beforehand: it keeps the results, so that nobody waits for its SQL.
 * @param {string} url
 * @returns {Promise<number>} bytes of a result
 */
async function spool(url) {
  const td = new Td(url, KEY);
  let size = 0;
  for (const sql of Object.values(SQL)) {
    const job = await td.query(DATABASE, sql);
    if (job.status !== 'success') throw new Error(job.debug.stderr);
    size = job.result_size;
  }
  return size;
}

/**
 * @typedef {{ seconds: number, peakBytes: number, fileBytes: number }} Result
 *
 * @param {string} url
 * @param {string} folder
 */
function contestantsAt(url, folder) {
  /** @param {string} name @param {string} file @param {string} command @param {(output: string) => string[]} args */
  const contestant = (name, file, command, args) => {
    const output = join(folder, file);
    return { name, command, output, args: args(output), results: /** @type {Result[]} */ ([]) };
  };
  const petit = (/** @type {string} */ output) => [
    ...[join(ROOT, 'pkg-scripts/cli.js'), 'td2parquet', DATABASE, TABLE],
    ...['--endpoint', url, '--output', output],
  ];
  const peer = join(ROOT, 'bench/peer_td2parquet.py');
  return [
    contestant(
      'Python: td-client, pandas, pyarrow',
      'python.parquet',
      join(ROOT, '.venv/bin/python'),
      (output) => [...[peer, url, DATABASE, TABLE, output]],
    ),
    contestant('petit, one wasm instance (`--workers 0`)', 'one.parquet', process.execPath, (output) => [
      ...petit(output),
      ...['--workers', '0'],
    ]),
    contestant('petit', 'petit.parquet', process.execPath, petit),
  ];
}

/** @param {string} path */
async function rowsIn(path) {
  const { num_rows: rows } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return Number(rows);
}

/**
 * @param {number} rows
 * @param {number} runs
 * @param {number} spooled
 * @param {ReturnType<typeof contestantsAt>} contestants the first is what the others are compared with
 */
function report(rows, runs, spooled, contestants) {
  const secondsOf = (/** @type {Result[]} */ results) => results.map(({ seconds }) => seconds);
  const base = median(secondsOf(contestants[0]?.results ?? []));
  const lines = contestants.map(({ name, results }) => {
    const seconds = median(secondsOf(results));
    const spread = `${Math.min(...secondsOf(results)).toFixed(2)}–${Math.max(...secondsOf(results)).toFixed(2)}`;
    return [
      ...[name, `${seconds.toFixed(2)} (${spread})`, thousands(rows / seconds)],
      ...[
        `${(base / seconds).toFixed(2)} ×`,
        mebibytes(Math.max(...results.map(({ peakBytes }) => peakBytes))),
      ],
      mebibytes(median(results.map(({ fileBytes }) => fileBytes))),
    ];
  });
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${mebibytes(totalmem())}, Node ${process.versions.node}`;
  return [
    `### ${rows.toLocaleString('en-US')} rows, ${mebibytes(spooled)} of msgpack.gz, zstd; median of ${runs} (least–most)`,
    '',
    markdownTable(['', 'seconds', 'rows/s', 'against Python', 'peak memory', 'file'], lines),
    '',
    `${machine}, ${new Date().toISOString().slice(0, 10)}. Whole processes, the server on the same machine, its query run beforehand.`,
    '',
  ].join('\n');
}

/** @param {number} number */
function thousands(number) {
  return `${Math.round(number / 1000).toLocaleString('en-US')} k`;
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
