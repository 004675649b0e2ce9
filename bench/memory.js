// Measures the peak memory of both commands with default options, over tables of growing size:
// node bench/memory.js [millions of rows…]          default 1 10 50
import { runScenario } from '../tests/load/scenarios.js';
import { markdownTable } from './support.js';

const MILLION = 1_000_000;
const sizes = process.argv.slice(2).map(Number);
const lines = [];
for (const millions of sizes.length > 0 ? sizes : [1, 10, 50]) {
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
