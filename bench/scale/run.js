// Forecasts clones of 10^6 to 10^12 rows by each path: writes docs/scale.md and docs/scale.svg.
// node bench/scale/run.js             from the costs in costs.json
// node bench/scale/run.js --measure   measures the costs anew first (about two minutes)
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chart } from './chart.js';
import { measureCosts } from './measure.js';
import { ASSUMPTIONS, crossover, forecast, LEAST, MACHINES } from './model.js';

/** @import { Costs, Path } from './model.js' */

const COSTS = new URL('./costs.json', import.meta.url);
const DOCS = new URL('../../docs/', import.meta.url);
const SIZES = [6, 7, 8, 9, 10, 11, 12];

/** @type {Record<Path, { name: string, color: string, short: string }>} */
const PATHS = {
  client: { name: 'client', short: 'client', color: '#c2410c' },
  shards: { name: `client, ${MACHINES} shards`, short: `${MACHINES} shards`, color: '#a16207' },
  output: { name: 'engine, two accounts', short: 'engine, 2 accts', color: '#0f766e' },
  engine: { name: 'engine, one account', short: 'engine, 1 acct', color: '#1d4ed8' },
};

const { values } = parseArgs({ options: { measure: { type: 'boolean', default: false } } });
if (values.measure) await writeFile(COSTS, `${JSON.stringify(await measureCosts(), undefined, 2)}\n`);
/** @type {Costs} */
const costs = JSON.parse(await readFile(COSTS, 'utf8'));
await writeFile(new URL('scale.svg', DOCS), picture());
await writeFile(new URL('scale.md', DOCS), page());

function picture() {
  const steps = Array.from({ length: 61 }, (_, step) => 10 ** (6 + step / 10));
  return chart({
    title: 'rows of the table',
    x: SIZES.map((power) => ({ at: 10 ** power, label: `10^${power}` })),
    y: [
      { at: 10, label: '10 s' },
      { at: 60, label: '1 min' },
      { at: 600, label: '10 min' },
      { at: 3600, label: '1 h' },
      { at: 36_000, label: '10 h' },
      { at: 86_400 * 7, label: '1 week' },
      { at: 86_400 * 120, label: '4 months' },
    ],
    lines: paths().map((path) => ({
      name: PATHS[path].short,
      color: PATHS[path].color,
      points: steps.map((rows) => [rows, forecast(path, rows, costs).seconds]),
    })),
  });
}

function page() {
  const at = (/** @type {Path} */ path, /** @type {number} */ rows) => forecast(path, rows, costs);
  const cells = (/** @type {(path: Path, rows: number) => string} */ cell) =>
    SIZES.map(
      (power) =>
        `| 10^${power} | ${paths()
          .map((path) => cell(path, 10 ** power))
          .join(' | ')} |`,
    ).join('\n');
  const head = `| rows | ${paths()
    .map((path) => PATHS[path].name)
    .join(' | ')} |\n|---:|${'---:|'.repeat(paths().length)}`;
  const longest = (/** @type {Path} */ path, /** @type {number} */ seconds) =>
    count(crossover((rows) => at(path, rows).seconds > seconds, 1e6));
  const from = crossover((rows) => at('engine', rows).seconds < at('client', rows).seconds);
  const shardsFrom = crossover((rows) => at('shards', rows).seconds < 0.8 * at('client', rows).seconds);
  const shardsBeatOutput = crossover((rows) => at('shards', rows).seconds < at('output', rows).seconds);
  const outputFrom = crossover((rows) => at('output', rows).seconds < at('client', rows).seconds);
  return `# How far each way goes

This page is made by \`node bench/scale/run.js\`: do not edit it. It is a **forecast**, not a measurement: what petit itself costs was
measured (against the local emulator), what Treasure Data and the line cost is assumed, and the assumptions stand below. The rows are
those of the recipe \`events\`: eleven columns, ${costs.bytesPerRow} bytes a row as TD stores a result. The shards' tables divide evenly.

![Time by rows and way](scale.svg)

## Time

${head}
${cells((path, rows) => duration(at(path, rows).seconds))}

- Inside one account the engine is faster than the client ${since(from)}: small tables take about as long as their jobs wait, and the client has more of them.
- Between two accounts TD's result output is faster than one client ${since(outputFrom)}. It needs no machine of yours while it runs, but for the looking.
- ${MACHINES} shards save a fifth or more of one client's time ${since(shardsFrom)}, and are faster than result output, which is assumed slow, for good ${since(shardsBeatOutput)}.
- One machine's client works for more than a day from ${longest('client', 86_400)} rows on, for more than a week from ${longest('client', 7 * 86_400)}; the engine inside one account, from ${longest('engine', 86_400)} and ${longest('engine', 7 * 86_400)}.

## What passes through petit

${head}
${cells((path, rows) => size(at(path, rows).throughBytes))}

## Memory of one process

The same at every size, since blocks in flight are bounded: ${size(costs.clientPeakBytes)} by the client, ${size(costs.enginePeakBytes)} by the
engine (measured, at the peak).

## Jobs

${head}
${cells((path, rows) => at(path, rows).jobs.toLocaleString('en'))}

A table is cut into jobs of at most 50 million rows by the client and 200 million by the engine, and into 10,000 jobs at most.

## Measured

${costs.measuredAs}.

| | |
|---|---:|
| rows per second through the client: fetched, re-framed, uploaded | ${costs.clientRowsPerSecond.toLocaleString('en')} |
| bytes of a row: fetched, uploaded | ${costs.bytesPerRow}, ${costs.uploadBytesPerRow} |
| seconds that a clone of no rows takes where jobs take none: client, engine | ${costs.clientStartSeconds}, ${costs.engineStartSeconds} |
| bytes through petit for an engine's clone, and for each job more | ${costs.engineBytes.toLocaleString('en')}, ${costs.engineBytesPerJob.toLocaleString('en')} |

## Assumed

Nobody ran this against Treasure Data. Change these numbers in \`bench/scale/model.js\`, and run the script, to see your own account.

| | |
|---|---:|
${Object.entries(ASSUMPTIONS)
  .map(([name, value]) => `| ${words(name)} | ${value.toLocaleString('en')} |`)
  .join('\n')}

- An INSERT … SELECT is taken to be five times as fast as a SELECT: that is what TD says of CREATE TABLE AS. How fast its result output
  is, TD does not say.
- A table has one process: shards divide tables, not the rows of one. The engine takes four jobs at a time for a table.
- Rows do not grow wider, the account has nobody else's jobs to run, and nothing fails.
`;
}

/** @returns {Path[]} */
function paths() {
  return /** @type {Path[]} */ (Object.keys(PATHS));
}

/** @param {string} name in camelCase */
function words(name) {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * From which number of rows on, in words.
 * @param {number | undefined} rows
 */
function since(rows) {
  if (rows === undefined) return 'at no size';
  return rows < 1.02 * LEAST
    ? `at every size from ${count(LEAST)} rows on`
    : `from about ${count(rows)} rows on`;
}

/** @param {number | undefined} rows */
function count(rows) {
  if (rows === undefined) return 'more than 10^12';
  const [unit, name] = rows >= 1e9 ? [1e9, 'billion'] : rows >= 1e6 ? [1e6, 'million'] : [1e3, 'thousand'];
  return `${Number((rows / unit).toPrecision(2))} ${name}`;
}

/** @param {number} seconds */
function duration(seconds) {
  /** @type {[number, string][]} */
  const units = [
    [86_400, 'days'],
    [3600, 'h'],
    [60, 'min'],
  ];
  const [unit, name] = units.find(([unit]) => seconds >= 2 * unit) ?? [1, 's'];
  return `${Number((seconds / unit).toPrecision(2)).toLocaleString('en')} ${name}`;
}

/** @param {number} bytes */
function size(bytes) {
  /** @type {[number, string][]} */
  const units = [
    [1e12, 'TB'],
    [1e9, 'GB'],
    [1e6, 'MB'],
  ];
  const [unit, name] = units.find(([unit]) => bytes >= unit) ?? [1e3, 'kB'];
  return `${Number((bytes / unit).toPrecision(2)).toLocaleString('en')} ${name}`;
}
