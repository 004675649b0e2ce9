// What the measurements say, as a page.
import { cpus, totalmem } from 'node:os';
import { NAMES as CLONE } from './clone.js';
import { NAMES as EXPORT } from './export.js';
import { markdownTable, mebibytes, thousands } from './support.js';

/** @import { Standing } from './contest.js' */

/**
 * @typedef {object} Measurements
 * @property {{ recipe: string, rows: number, bytes: number, standings: Standing[] }[]} exports the first is what the targets are about
 * @property {Standing[]} [scaling]
 * @property {{ rows: number, large: number, small: number, bytes: number, standings: Standing[], deflateShare: number }} clone
 * @property {Standing[]} tiny
 * @property {Standing[]} start
 * @property {{ rows: number, standings: Standing[] }[]} growth
 * @property {number} wasmBytes brotli
 * @property {number} runs
 * @property {boolean} quick
 */

/** @param {Standing[]} standings @param {string} name */
const of = (standings, name) =>
  /** @type {Standing} */ (standings.find((standing) => standing.name === name));
const count = (/** @type {number} */ number) => number.toLocaleString('en-US');
const times = (/** @type {number} */ ratio) => `${ratio.toFixed(2)} ×`;
const spread = (/** @type {Standing} */ { seconds, least, most }) =>
  `${seconds.toFixed(2)} (${least === most ? 'one run' : `${least.toFixed(2)}–${most.toFixed(2)}`})`;

/** @param {Measurements} measurements @returns {string} */
export function page(measurements) {
  const { exports, clone, scaling, tiny, start, growth, runs, quick } = measurements;
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${mebibytes(totalmem())}, Node ${process.versions.node}`;
  return [
    '# Performance',
    '',
    `Made by \`npm run bench${quick ? ' -- --quick' : ''}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}.`,
    `Medians of ${runs} runs (least–most). Whole processes that take turns; the server is on the same machine, and its`,
    'queries have run beforehand. Ratios hold within a table; seconds are of this machine.',
    ...(quick
      ? [
          '',
          'Quick means small tables: starting a process and waiting for a job, half a second, weigh much here. The targets',
          'are about tables of millions of rows, which `npm run bench` takes.',
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
    'Overhead: what a table costs beside the time in which the server had something to answer, or a job to run.',
    '',
    markdownTable(
      ['', 'seconds', 'overhead per table'],
      tiny.map((standing) => [standing.name, spread(standing), `${standing.more.overheadMs?.toFixed(1)} ms`]),
    ),
    '',
    '## Start',
    '',
    markdownTable(
      ['', 'ms'],
      start.map(({ name, seconds, more }) => [name, (more.readyMs ?? seconds * 1000).toFixed(0)]),
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
 * @param {string} base whom the others are compared with
 * @param {boolean} files whether they write files
 */
function comparison(standings, base, files) {
  const { rowsPerSecond } = of(standings, base);
  const lines = standings.map((standing) => [
    ...plainLine(standing),
    times(standing.rowsPerSecond / rowsPerSecond),
    mebibytes(standing.peakBytes),
    ...(files ? [standing.more.fileBytes ? mebibytes(standing.more.fileBytes) : ''] : []),
  ]);
  const head = ['', 'seconds', 'rows/s', 'against Python', 'peak memory', ...(files ? ['file'] : [])];
  return markdownTable(head, lines);
}

/** @param {Standing} standing */
const plainLine = (standing) => [standing.name, spread(standing), thousands(standing.rowsPerSecond)];

/** @param {Measurements} measurements */
function targets({ exports, clone, scaling, tiny, start, growth, wasmBytes }) {
  const [{ standings: first } = { standings: [] }] = exports;
  const petit = of(first, EXPORT.petit);
  const clonePetit = of(clone.standings, CLONE.petit);
  const slope = (/** @type {string} */ command) => {
    const perRow = growth.map(({ rows, standings }) => of(standings, command).seconds / rows);
    const grown = perRow.slice(1).map((time, place) => time / Math.min(...perRow.slice(0, place + 1)));
    return (Math.max(...grown) - 1) * 100;
  };
  const peak = Math.max(...growth.flatMap(({ standings }) => standings.map(({ peakBytes }) => peakBytes)));
  const ms = (/** @type {string} */ name) => of(start, name).more.readyMs ?? of(start, name).seconds * 1000;
  const overhead = Math.max(...tiny.map(({ more }) => more.overheadMs ?? Number.NaN));
  /** @type {[string, string, number, (value: number) => boolean, string][]} */
  const all = [
    [
      'td2parquet against Python',
      '≥ 6 ×',
      petit.rowsPerSecond / of(first, EXPORT.python).rowsPerSecond,
      (v) => v >= 6,
      '×',
    ],
    [
      'td2parquet, time of `gzip -dc`',
      '≤ 1.5 ×',
      petit.seconds / of(first, EXPORT.gzip).seconds,
      (v) => v <= 1.5,
      '×',
    ],
    [
      'td2parquet against the native core',
      '≥ 0.9 ×',
      of(first, EXPORT.native).seconds / petit.seconds,
      (v) => v >= 0.9,
      '×',
    ],
    [
      'clone-db against Python',
      '≥ 10 ×',
      of(clone.standings, CLONE.python).seconds / clonePetit.seconds,
      (v) => v >= 10,
      '×',
    ],
    ['clone-db: deflate’s share of the work', '> 50 %', clone.deflateShare * 100, (v) => v > 50, '%'],
    ['tiny tables, overhead of one', '< 30 ms', overhead, (v) => v < 30, 'ms'],
    ['peak memory', '≤ 350 MB', peak / 1e6, (v) => v <= 350, 'MB'],
    ['`petit --version`', '< 120 ms', ms('`petit --version`'), (v) => v < 120, 'ms'],
    ['`petit --help`', '< 120 ms', ms('`petit --help`'), (v) => v < 120, 'ms'],
    ['wasm module ready', '< 60 ms', ms('wasm module ready'), (v) => v < 60, 'ms'],
    ['wasm module, brotli', '< 700 kB', wasmBytes / 1000, (v) => v < 700, 'kB'],
    ['td2parquet, time per row of larger tables', '≤ +10 %', slope('td2parquet'), (v) => v <= 10, '%'],
    ['clone-db, time per row of larger tables', '≤ +10 %', slope('clone-db'), (v) => v <= 10, '%'],
  ];
  if (scaling) {
    const [one, two] = scaling.map(({ rowsPerSecond }) => rowsPerSecond);
    all.splice(5, 0, ['two tables on two cores', '≥ 1.8 ×', (two ?? 0) / (one ?? 1), (v) => v >= 1.8, '×']);
  }
  return all.map(([what, target, value, isMet, unit]) => [
    ...[what, target, `${value.toFixed(unit === '×' ? 2 : 0)} ${unit}`, isMet(value) ? 'met' : 'missed'],
  ]);
}

/**
 * What the chart shows: thousands of rows a second.
 * @param {Measurements['exports']} exports
 */
export function chartSeries(exports) {
  const names = [EXPORT.python, EXPORT.hyparquet, EXPORT.parquetWasm, EXPORT.native, EXPORT.petit];
  return names.map((name) => ({
    name: name.split(/[:,]/)[0] ?? name,
    values: exports.map(({ standings }) => {
      const speed = standings.find((standing) => standing.name === name)?.rowsPerSecond;
      return speed === undefined ? undefined : Math.round(speed / 1000);
    }),
  }));
}
