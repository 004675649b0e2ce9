// Measures `petit clone-db` against the obvious Python (peer_clone_db.py) on one server: a large table and twelve smaller.
// node bench/clone-db.js [--runs 3] [--large 2000000] [--small 200000]
import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { startEmulator } from '../tests/emulator/index.js';
import { Td } from '../tests/emulator/td.js';
import { markdownTable, measure, median } from './support.js';

/** @typedef {import('./support.js').Measured & { count: number }} Result */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'pkg-scripts/cli.js');
const SOURCE_KEY = '1/a000000000000000000000000000000000000001';
const COPY_KEY = '2/b000000000000000000000000000000000000001';
const KEYS = { SOURCE_API_KEY: SOURCE_KEY, DEST_API_KEY: COPY_KEY };
const DATABASE = 'bench';
const SMALL_TABLES = 12;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    large: { type: 'string', default: '2000000' },
    small: { type: 'string', default: '200000' },
  },
});
const [runs, large, small] = [values.runs, values.large, values.small].map(Number);
await compare(Number(runs), sizesOf(Number(large), Number(small)));

/**
 * @param {number} large
 * @param {number} small
 * @returns {Record<string, number>} rows by table
 */
function sizesOf(large, small) {
  const names = Array.from({ length: SMALL_TABLES }, (_, place) => `small_${place + 1}`);
  return { events: large, ...Object.fromEntries(names.map((name) => [name, small])) };
}

/**
 * @param {number} runs
 * @param {Record<string, number>} sizes
 */
async function compare(runs, sizes) {
  const server = await startEmulator({ seed: seedOf(sizes) });
  try {
    const [source, copy] = [server.url('source'), server.url('copy')];
    const bytes = await spool(source, copy, sizes);
    const contestants = contestantsAt(source, copy);
    for (let run = 1; run <= runs; run += 1) {
      for (const { name, command, results } of contestants) {
        const [program = '', ...args] = command;
        const measured = await measure(program, args, KEYS);
        const count = await takeAway(copy, sizes);
        results.push({ ...measured, count });
        process.stderr.write(`run ${run}: ${name}: ${measured.seconds.toFixed(2)} s\n`);
      }
    }
    console.log(report(runs, sizes, bytes, contestants));
  } finally {
    await server.close();
  }
}

/**
 * @param {Record<string, number>} sizes
 * @returns {import('../tests/emulator/seed.js').Seed}
 */
function seedOf(sizes) {
  const key = (/** @type {string} */ key) => [
    { name: 'master', key, permission: /** @type {const} */ ('master') },
  ];
  const tables = Object.entries(sizes).map(([name, rows]) => ({
    name,
    generate: { recipe: 'events', rows },
  }));
  return {
    accounts: [
      { name: 'source', id: 1, site: 'us01', keys: key(SOURCE_KEY), databases: [{ name: DATABASE, tables }] },
      { name: 'copy', id: 2, site: 'ap01', keys: key(COPY_KEY) },
    ],
  };
}

/**
 * Has the server run everybody's queries beforehand: it keeps the results, so that nobody waits for its SQL.
 * @param {string} source
 * @param {string} copy
 * @param {Record<string, number>} sizes
 * @returns {Promise<number>} bytes of the results that petit fetches
 */
async function spool(source, copy, sizes) {
  const ends = ['--se', source, '--de', copy];
  const dryRun = [CLI, 'clone-db', DATABASE, ...ends, '--dry-run', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, dryRun, {
    env: { ...process.env, ...KEYS },
  });
  const plan = JSON.parse(stdout);
  const td = new Td(source, SOURCE_KEY);
  for (const table of Object.keys(sizes)) await td.query(DATABASE, `SELECT * FROM "${table}"`);
  let bytes = 0;
  for (const { copy } of plan.tables) {
    const job = await td.query(DATABASE, copy.sql);
    if (job.status !== 'success') throw new Error(job.debug.stderr);
    bytes += job.result_size;
  }
  return bytes;
}

/**
 * @param {string} source
 * @param {string} copy
 */
function contestantsAt(source, copy) {
  const contestant = (/** @type {string} */ name, /** @type {string[]} */ command) => ({
    ...{ name, command },
    results: /** @type {Result[]} */ ([]),
  });
  const petit = [process.execPath, CLI, 'clone-db', DATABASE, '--se', source, '--de', copy];
  const peer = join(ROOT, 'bench/peer_clone_db.py');
  return [
    contestant('Python: td-client, pandas, pytd', [
      ...[join(ROOT, '.venv/bin/python'), peer, source, copy, DATABASE, DATABASE],
    ]),
    contestant('petit, one wasm instance (`--workers 0`)', [...petit, '--workers', '0']),
    contestant('petit', petit),
  ];
}

/**
 * Counts the copy's rows and deletes it.
 * @param {string} copy
 * @param {Record<string, number>} sizes what it has to have
 */
async function takeAway(copy, sizes) {
  const td = new Td(copy, COPY_KEY);
  let all = 0;
  for (const [table, rows] of Object.entries(sizes)) {
    const [[count]] = await td.rows(DATABASE, `SELECT COUNT(1) FROM "${table}"`);
    if (count !== rows) throw new Error(`${table} has ${count} of ${rows} rows`);
    all += count;
  }
  await td.post(`/v3/database/delete/${DATABASE}`);
  return all;
}

/**
 * @param {number} runs
 * @param {Record<string, number>} sizes
 * @param {number} bytes
 * @param {ReturnType<typeof contestantsAt>} contestants the first is what the others are compared with
 */
function report(runs, sizes, bytes, contestants) {
  const secondsOf = (/** @type {Result[]} */ results) => results.map(({ seconds }) => seconds);
  const base = median(secondsOf(contestants[0]?.results ?? []));
  const lines = contestants.map(({ name, results }) => {
    const seconds = median(secondsOf(results));
    const spread = `${Math.min(...secondsOf(results)).toFixed(2)}–${Math.max(...secondsOf(results)).toFixed(2)}`;
    return [
      ...[name, `${seconds.toFixed(2)} (${spread})`],
      `${Math.round((results[0]?.count ?? 0) / seconds / 1000).toLocaleString('en-US')} k`,
      `${(base / seconds).toFixed(2)} ×`,
      mebibytes(Math.max(...results.map(({ peakBytes }) => peakBytes))),
    ];
  });
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${mebibytes(totalmem())}, Node ${process.versions.node}`;
  const { events = 0, small_1: small = 0 } = sizes;
  return [
    `### A table of ${events.toLocaleString('en-US')} rows and ${SMALL_TABLES} of ${small.toLocaleString('en-US')}, ` +
      `${mebibytes(bytes)} of msgpack.gz; median of ${runs} (least–most)`,
    '',
    markdownTable(['', 'seconds', 'rows/s', 'against Python', 'peak memory'], lines),
    '',
    `${machine}, ${new Date().toISOString().slice(0, 10)}. Whole processes, the server on the same machine, its queries run beforehand, no job delays.`,
    '',
  ].join('\n');
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
