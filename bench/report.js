// Formats the measurements as docs/performance.md.
import { cpus, totalmem } from 'node:os';
import { NAMES as CLONE } from './clone.js';
import { NAMES as EXPORT } from './export.js';
import { markdownTable, mebibytes, thousands } from './support.js';

/** @import { Standing } from './contest.js' */

/**
 * @typedef {object} Measurements
 * @property {{ recipe: string, rows: number, bytes: number, standings: Standing[] }[]} exports
 * @property {Standing[]} [scaling]
 * @property {{ rows: number, large: number, small: number, bytes: number, standings: Standing[], deflateShare: number }} clone
 * @property {Standing[]} tiny
 * @property {Standing[]} start
 * @property {{ rows: number, standings: Standing[] }[]} growth
 * @property {number} wasmBytes compressed with brotli
 * @property {number} runs
 * @property {boolean} quick
 */

/** @param {Standing[]} standings @param {string} name */
const find = (standings, name) =>
  /** @type {Standing} */ (standings.find((standing) => standing.name === name));
const count = (/** @type {number} */ number) => number.toLocaleString('en-US');
const times = (/** @type {number} */ ratio) => `${ratio.toFixed(2)} ×`;
const spread = (/** @type {Standing} */ { seconds, min, max }) =>
  `${seconds.toFixed(2)} (${min === max ? 'one run' : `${min.toFixed(2)}–${max.toFixed(2)}`})`;

/** @param {Measurements} measurements @returns {string} */
export function page(measurements) {
  const { exports, clone, scaling, tiny, start, growth, runs, quick } = measurements;
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${mebibytes(totalmem())}, Node ${process.versions.node}`;
  return [
    '# Performance',
    '',
    `Written by \`npm run bench${quick ? ' -- --quick' : ''}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}.`,
    `Medians of ${runs} runs (minimum–maximum). Whole processes run in turns. The server is on the same machine, and its`,
    'queries ran before the measurement. Compare ratios within a table; absolute seconds depend on the machine.',
    ...(quick
      ? [
          '',
          'These are the small tables of `--quick`. The start of a process and the wait for a job, half a second, dominate here.',
          'The targets apply to tables of millions of rows, which `npm run bench` measures.',
        ]
      : []),
    '',
    '![rows per second by kind of data](performance.svg)',
    '',
    '## Targets',
    '',
    markdownTable(['', 'target', 'measured', ''], targets(measurements)),
    '',
    ...exports.flatMap(exportSection),
    `## clone-db: a table of ${count(clone.large)} rows and 12 of ${count(clone.small)}, ${mebibytes(clone.bytes)} of msgpack.gz`,
    '',
    comparison(clone.standings, CLONE.python, false),
    '',
    ...(scaling
      ? ['## Two tables', '', markdownTable(['', 'seconds', 'rows/s'], scaling.map(plainLine)), '']
      : []),
    '## Many tiny tables',
    '',
    'Overhead is the time per table without the time in which the server answered a request or ran a job.',
    '',
    markdownTable(
      ['', 'seconds', 'overhead per table'],
      tiny.map((standing) => [
        standing.name,
        spread(standing),
        `${standing.figures.overheadMs?.toFixed(1)} ms`,
      ]),
    ),
    '',
    '## Start',
    '',
    markdownTable(
      ['', 'ms'],
      start.map(({ name, seconds, figures }) => [name, (figures.readyMs ?? seconds * 1000).toFixed(0)]),
    ),
    '',
    '## Growth',
    '',
    markdownTable(
      ['rows', 'command', 'seconds', 'seconds per million rows', 'peak memory'],
      growth.flatMap(({ rows, standings }) =>
        standings.map((standing) => [
          ...[count(rows), standing.name, spread(standing)],
          ...[((standing.seconds / rows) * 1e6).toFixed(3), mebibytes(standing.peakBytes)],
        ]),
      ),
    ),
    '',
  ].join('\n');
}

/** @param {Measurements['exports'][number]} measured */
function exportSection({ recipe, rows, bytes, standings }) {
  return [
    `## td2parquet: ${count(rows)} rows of ${recipe}, ${mebibytes(bytes)} of msgpack.gz, zstd`,
    '',
    comparison(standings, EXPORT.python, true),
    '',
  ];
}

/**
 * @param {Standing[]} standings
 * @param {string} base name of the contestant that the others are compared with
 * @param {boolean} files whether the contestants write files
 */
function comparison(standings, base, files) {
  const { rowsPerSecond } = find(standings, base);
  const lines = standings.map((standing) => [
    ...plainLine(standing),
    times(standing.rowsPerSecond / rowsPerSecond),
    standing.cpuSeconds === undefined ? '' : standing.cpuSeconds.toFixed(2),
    mebibytes(standing.peakBytes),
    ...(files ? [standing.figures.fileBytes ? mebibytes(standing.figures.fileBytes) : ''] : []),
  ]);
  const header = [
    ...['', 'seconds', 'rows/s', 'against Python', 'CPU seconds', 'peak memory'],
    ...(files ? ['file'] : []),
  ];
  return markdownTable(header, lines);
}

/** @param {Standing} standing */
const plainLine = (standing) => [standing.name, spread(standing), thousands(standing.rowsPerSecond)];

/** @param {Measurements} measurements */
function targets({ exports, clone, scaling, tiny, start, growth, wasmBytes }) {
  const of = (/** @type {string} */ wanted) =>
    exports.find(({ recipe }) => recipe === wanted)?.standings ?? [];
  const [first, clicks] = [of('events'), of('clicks')];
  const petit = find(first, EXPORT.petit);
  const clonePetit = find(clone.standings, CLONE.petit);
  const slope = (/** @type {string} */ command) => {
    const perRow = growth.map(({ rows, standings }) => find(standings, command).seconds / rows);
    const increases = perRow.slice(1).map((time, index) => time / Math.min(...perRow.slice(0, index + 1)));
    return (Math.max(...increases) - 1) * 100;
  };
  const peak = Math.max(...growth.flatMap(({ standings }) => standings.map(({ peakBytes }) => peakBytes)));
  const ms = (/** @type {string} */ name) =>
    find(start, name).figures.readyMs ?? find(start, name).seconds * 1000;
  const overhead = Math.max(...tiny.map(({ figures }) => figures.overheadMs ?? Number.NaN));
  /** @type {[string, string, number, (value: number) => boolean, string][]} */
  const all = [
    [
      'td2parquet against Python',
      '≥ 6 ×',
      petit.rowsPerSecond / find(first, EXPORT.python).rowsPerSecond,
      (value) => value >= 6,
      '×',
    ],
    [
      'td2parquet, time of `gzip -dc`',
      '≤ 1.5 ×',
      petit.seconds / find(first, EXPORT.gzip).seconds,
      (value) => value <= 1.5,
      '×',
    ],
    [
      'td2parquet against the native core',
      '≥ 0.9 ×',
      find(first, EXPORT.native).seconds / petit.seconds,
      (value) => value >= 0.9,
      '×',
    ],
    [
      'clone-db against Python',
      '≥ 10 ×',
      find(clone.standings, CLONE.python).seconds / clonePetit.seconds,
      (value) => value >= 10,
      '×',
    ],
    [
      'clone-db: deflate’s share of the work',
      '≤ 45 %',
      clone.deflateShare * 100,
      (value) => value <= 45,
      '%',
    ],
    ['tiny tables, overhead of one', '< 30 ms', overhead, (value) => value < 30, 'ms'],
    ['peak memory', '≤ 350 MB', peak / 1e6, (value) => value <= 350, 'MB'],
    ['`petit --version`', '< 120 ms', ms('`petit --version`'), (value) => value < 120, 'ms'],
    ['`petit --help`', '< 120 ms', ms('`petit --help`'), (value) => value < 120, 'ms'],
    ['wasm module ready', '< 60 ms', ms('wasm module ready'), (value) => value < 60, 'ms'],
    ['wasm module, brotli', '< 850 kB', wasmBytes / 1000, (value) => value < 850, 'kB'],
    [
      'td2parquet, time per row of larger tables',
      '≤ +10 %',
      slope('td2parquet'),
      (value) => value <= 10,
      '%',
    ],
    ['clone-db, time per row of larger tables', '≤ +10 %', slope('clone-db'), (value) => value <= 10, '%'],
  ];
  if (scaling) {
    const [oneCore, twoCores] = scaling.map(({ rowsPerSecond }) => rowsPerSecond);
    all.push([
      'two tables on two cores',
      '≥ 1.8 ×',
      (twoCores ?? 0) / (oneCore ?? 1),
      (value) => value >= 1.8,
      '×',
    ]);
  }
  all.push(...clicksTargets(clicks));
  return all.map(([name, target, value, isMet, unit]) => [
    ...[name, target, `${value.toFixed(unit === '×' ? 2 : 0)} ${unit}`, isMet(value) ? 'met' : 'missed'],
  ]);
}

/**
 * The targets of `clicks`, whose rows are short.
 * @param {Standing[]} standings
 * @returns {[string, string, number, (value: number) => boolean, string][]}
 */
function clicksTargets(standings) {
  if (standings.length === 0) return [];
  const [petit, native] = [find(standings, EXPORT.petit), find(standings, EXPORT.native)];
  const [gzip, duckdb] = [find(standings, EXPORT.gzip), find(standings, EXPORT.duckdb)];
  const atMost = (/** @type {number} */ limit) => (/** @type {number} */ value) => value <= limit;
  const cpu = (/** @type {Standing} */ { cpuSeconds }) => cpuSeconds ?? Number.NaN;
  const bytes = (/** @type {Standing} */ { figures }) => figures.fileBytes ?? Number.NaN;
  return [
    ['clicks, time of `gzip -dc`', '≤ 1.1 ×', petit.seconds / gzip.seconds, atMost(1.1), '×'],
    ['clicks, CPU time of the native core', '≤ 1.5 ×', cpu(petit) / cpu(native), atMost(1.5), '×'],
    ['clicks, time of DuckDB from csv.gz', '≤ 0.65 ×', petit.seconds / duckdb.seconds, atMost(0.65), '×'],
    ['clicks, file size of DuckDB', '≤ 1 ×', bytes(petit) / bytes(duckdb), atMost(1), '×'],
  ];
}

/**
 * The data of the chart, in thousands of rows per second.
 * @param {Measurements['exports']} exports
 */
export function chartSeries(exports) {
  const names = [EXPORT.python, EXPORT.hyparquet, EXPORT.parquetWasm, EXPORT.native, EXPORT.petit];
  return names.map((name) => ({
    name: name.split(/[:,]/)[0] ?? name,
    values: exports.map(({ standings }) => {
      const rate = standings.find((standing) => standing.name === name)?.rowsPerSecond;
      return rate === undefined ? undefined : Math.round(rate / 1000);
    }),
  }));
}
