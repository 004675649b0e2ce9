import { availableParallelism } from 'node:os';
import { after, describe, it } from 'node:test';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { chaosSlots, rerunHint, runSeed } from './chaos.js';

/** Number of seeds; `node tests/faults/chaos.js --seeds N` runs more. */
const SEEDS = Number(process.env.PETIT_CHAOS_SEEDS ?? (EXHAUSTIVE ? 50 : 2));
/** Parallel runs; most of the time they wait. */
const MAX_SLOTS = availableParallelism() + 3;

const slots = chaosSlots(MAX_SLOTS);
after(() => slots.close());

describe('a clone with random faults is equal, or reports errors', {
  concurrency: MAX_SLOTS,
}, () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    it(`seed ${seed}`, { timeout: 300_000 }, async (test) => {
      try {
        const { exit, codes, faults } = await slots.use((fixture) => runSeed(fixture, seed));
        test.diagnostic(`${faults} faults, exit ${exit}${codes.map((code) => `, ${code}`).join('')}`);
      } catch (error) {
        test.diagnostic(rerunHint(seed));
        throw error;
      }
    });
  }
});
