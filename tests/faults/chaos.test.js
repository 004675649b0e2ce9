import { availableParallelism } from 'node:os';
import { after, describe, it } from 'node:test';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { again, chaosLanes, runSeed } from './chaos.js';

/** More with PETIT_CHAOS_SEEDS, or `node tests/faults/chaos.js --seeds N`. */
const SEEDS = Number(process.env.PETIT_CHAOS_SEEDS ?? (EXHAUSTIVE ? 50 : 4));
/** At a time: most of them wait for something. */
const LANES = availableParallelism() + 3;

const lanes = chaosLanes(LANES);
after(() => lanes.close());

describe('a clone while anything may fail ends in equality, or in an honest error', {
  concurrency: LANES,
}, () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    it(`seed ${seed}`, { timeout: 300_000 }, async (test) => {
      try {
        const { exit, codes, faults } = await lanes.use((world) => runSeed(world, seed));
        test.diagnostic(`${faults} faults, exit ${exit}${codes.map((code) => `, ${code}`).join('')}`);
      } catch (error) {
        test.diagnostic(again(seed));
        throw error;
      }
    });
  }
});
