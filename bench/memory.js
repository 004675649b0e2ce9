// Measures the peak memory of both commands, as whole processes with the default options, over tables of growing size:
// node bench/memory.js [millions of rows…]          1 10 50 unless told otherwise
import { runScenario } from '../tests/load/scenarios.js';
import { markdownTable } from './support.js';

const MILLION = 1_000_000;
const given = process.argv.slice(2).map(Number);
const lines = [];
for (const millions of given.length > 0 ? given : [1, 10, 50]) {
  const generate = { recipe: 'events', rows: MILLION, copies: millions };
  for (const { command, seconds, peakBytes, bytes } of await runScenario({ name: 'growth', generate })) {
    lines.push([
      ...[command, `${millions} M`, Math.round(bytes / MILLION).toLocaleString('en-US')],
      ...[seconds.toFixed(1), `${Math.round(peakBytes / MILLION)}`],
    ]);
    process.stderr.write(`${lines.at(-1)?.join(' ')}\n`);
  }
}
console.log(markdownTable(['command', 'rows', 'downloaded, MB', 'seconds', 'peak memory, MB'], lines));
