import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { runScenario } from './scenarios.js';

/** @typedef {import('./scenarios.js').Scenario} Scenario */

/** Small versions of the scenarios of `npm run load`.
 * @type {Scenario[]} */
const SCENARIOS = [
  { name: 'a large result', generate: { recipe: 'events', rows: 250_000, copies: EXHAUSTIVE ? 6 : 2 } },
];

/** @type {Scenario[]} */
const EXHAUSTIVE_SCENARIOS = [
  { name: 'many tables', tables: 200, generate: { recipe: 'tiny', rows: 5 } },
  { name: '4,096 columns', generate: { recipe: 'wide', size: 4095, rows: 500 }, bound: { columns: 4096 } },
  { name: 'rows of 10 MB', generate: { recipe: 'long', rows: 6 }, bound: { rowBytes: 10_000_000 } },
];

describe('memory stays within the bound', () => {
  for (const scenario of EXHAUSTIVE ? [...SCENARIOS, ...EXHAUSTIVE_SCENARIOS] : SCENARIOS) {
    it(`with ${scenario.name}`, async () => {
      const outcomes = await runScenario(scenario);
      for (const { command, peakBytes, boundBytes } of outcomes) {
        const usage = `${command}: ${Math.round(peakBytes / 1e6)} of ${Math.round(boundBytes / 1e6)} MB`;
        assert.ok(peakBytes <= boundBytes, usage);
      }
      // About 15 MB of rows with so many columns are one row group by default. A footer of more groups would be large.
      const { columns } = scenario.bound ?? {};
      if (columns !== undefined) assert.equal(outcomes[0]?.columnChunks, columns);
    });
  }
});
