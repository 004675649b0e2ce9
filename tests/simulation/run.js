// Simulates clones on virtual time. Each seed decides everything that happens, so that every failure can be repeated.
//
//   node tests/simulation/run.js 17             seed 17, with its requests
//   node tests/simulation/run.js 1 10000        seeds 1 to 10000
import { simulate } from './simulate.js';

const [first = 1, last = first] = process.argv.slice(2).map(Number);
/** @type {Map<string, number>} */
const outcomes = new Map();
const began = performance.now();
let failed = 0;
for (let seed = first; seed <= last; seed += 1) {
  const result = await simulate(seed);
  if (first === last) print(result);
  for (const outcome of Object.values(result.outcomes))
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (result.violations.length === 0) continue;
  failed += 1;
  console.log(`seed ${seed}: ${result.violations.join('; ')}`);
}
console.log(
  [...outcomes]
    .sort((a, b) => b[1] - a[1])
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join('\n'),
);
console.log(
  `${failed} of ${last - first + 1} seeds failed, ${((performance.now() - began) / 1000).toFixed(1)} s`,
);
process.exitCode = failed > 0 ? 1 : 0;

/** @param {import('./simulate.js').Simulated} result */
function print({ log, outcomes, faults, requests, ms }) {
  for (const { ms, client, request, fate, status } of log) {
    console.log(`${String(ms).padStart(9)} ${client} ${request} ${fate} ${status ?? ''}`);
  }
  console.log({ outcomes, faults, requests, ms });
}
