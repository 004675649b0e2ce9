// Runs petit under the loads it has to bear, in full, and records what they took: npm run load [-- name…]
// The disk has to have room for some 25 GB, in the folder for temporary files.
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../bench/support.js';
import { BOUND, runScenario } from './load-scenarios.js';

/** @typedef {import('./load-scenarios.js').Outcome} Outcome */
/** @typedef {import('./load-scenarios.js').Scenario} Scenario */

const MILLION = 1_000_000;
const RECORD = fileURLToPath(new URL('../docs/load.md', import.meta.url));

/** @type {Scenario[]} */
const SCENARIOS = [
  { name: '1,000 tables', tables: 1_000, generate: { recipe: 'tiny', rows: 10 } },
  { name: '20 million rows', generate: { recipe: 'events', rows: MILLION, copies: 20 } },
  {
    name: '4,096 columns',
    generate: { recipe: 'wide', size: 4095, rows: 2_000, copies: 10 },
    bound: { columns: 4_096 },
  },
  {
    name: 'rows of 10 MB',
    generate: { recipe: 'long', rows: 20, copies: 10 },
    bound: { rowBytes: 10 * MILLION },
  },
  { name: 'a result of 5 GB', generate: { recipe: 'events', rows: MILLION, copies: 56 } },
];

const wanted = process.argv.slice(2);
const lines = [];
let exceeded = false;
for (const scenario of SCENARIOS) {
  if (wanted.length > 0 && !wanted.includes(scenario.name)) continue;
  for (const outcome of await runScenario(scenario)) {
    const line = row(scenario, outcome);
    process.stderr.write(`${line.join(' | ')}\n`);
    lines.push(line);
    exceeded ||= outcome.peakBytes > outcome.boundBytes;
  }
}
const head = ['load', 'command', 'rows', 'downloaded, MB', 'seconds', 'peak memory, MB', 'bound, MB'];
if (wanted.length === 0) await writeFile(RECORD, record(markdownTable(head, lines)));
if (exceeded) {
  process.stderr.write('memory went beyond the bound\n');
  process.exitCode = 1;
}

/**
 * @param {Scenario} scenario
 * @param {Outcome} outcome
 */
function row({ name }, { command, rows, bytes, seconds, peakBytes, boundBytes }) {
  const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / MILLION).toLocaleString('en-US');
  return [
    ...[name, command, rows.toLocaleString('en-US'), megabytes(bytes), seconds.toFixed(0)],
    ...[megabytes(peakBytes), megabytes(boundBytes)],
  ];
}

/** @param {string} table */
function record(table) {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  return `# Under load

What petit takes to move large things, with the default options. \`npm run load\` makes this page anew; \`npm test\` runs the same
in small. Every row arrived: the files' rows and the copies' counts are those of the source.

${table}

${machine}, ${new Date().toISOString().slice(0, 10)}. Peak memory is the most that the whole process had resident; the server ran beside it
on the same machine, so that seconds are not petit's alone. MB are 10^6 bytes.

## The bound

${BOUND}
`;
}
