// Runs petit with large loads and writes the measurements to docs/memory.md: npm run load [-- name…]
// With names, the measurements of the other loads stay.
// Needs about 25 GB of free disk space in the folder for temporary files.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../../bench/support.js';
import { BOUND, runScenario } from './scenarios.js';

/** @typedef {import('./scenarios.js').Outcome} Outcome */
/** @typedef {import('./scenarios.js').Scenario} Scenario */

const MILLION = 1_000_000;
/** Maximum duration of a run, in seconds. */
const MAX_SECONDS = 900;
const DOCUMENT = fileURLToPath(new URL('../../docs/memory.md', import.meta.url));

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

const names = process.argv.slice(2);
const rowsByScenario = await readRows();
let exceeded = false;
for (const scenario of SCENARIOS) {
  if (names.length > 0 && !names.includes(scenario.name)) continue;
  const measured = [];
  for (const outcome of await runScenario(scenario)) {
    const cells = tableRow(scenario, outcome);
    process.stderr.write(`${cells.join(' | ')}\n`);
    measured.push(cells);
    exceeded ||= outcome.peakBytes > outcome.boundBytes || outcome.seconds > MAX_SECONDS;
  }
  rowsByScenario.set(scenario.name, measured);
  // Written after each scenario, because a later one can fail.
  await writeFile(DOCUMENT, documentText(rowsByScenario));
}
if (exceeded) {
  process.stderr.write('memory or time exceeded its limit\n');
  process.exitCode = 1;
}

/**
 * @param {Scenario} scenario
 * @param {Outcome} outcome
 */
function tableRow({ name }, { command, rows, bytes, seconds, peakBytes, boundBytes }) {
  const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / MILLION).toLocaleString('en-US');
  return [
    ...[name, command, rows.toLocaleString('en-US'), megabytes(bytes), seconds.toFixed(0)],
    ...[megabytes(peakBytes), megabytes(boundBytes)],
  ];
}

/** The rows of the existing document, by scenario. */
async function readRows() {
  const text = await readFile(DOCUMENT, 'utf8').catch(() => '');
  const rows = text.split('\n').flatMap((line) => {
    const [, ...cells] = line.split('|').map((cell) => cell.trim());
    return cells.length > 0 ? [cells.slice(0, -1)] : [];
  });
  return new Map(SCENARIOS.map(({ name }) => [name, rows.filter(([first]) => first === name)]));
}

/** @param {Map<string, string[][]>} rowsByScenario */
function documentText(rowsByScenario) {
  const head = ['load', 'command', 'rows', 'downloaded, MB', 'seconds', 'peak memory, MB', 'bound, MB'];
  const rows = SCENARIOS.flatMap(({ name }) => rowsByScenario.get(name) ?? []);
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  return `# Memory

This page lists peak memory and time for large loads with the default options. \`npm run load\` writes this page; \`npm test\` runs smaller
versions. After each run the row counts of the files and of the copies equal those of the source. No run may take more than
${MAX_SECONDS / 60} minutes.

${markdownTable(head, rows)}

Measured with ${machine}. Peak memory is the maximum resident memory of the whole process. The server ran
on the same machine, so the seconds include its work. 1 MB is 10^6 bytes.

## The bound

${BOUND}
`;
}
