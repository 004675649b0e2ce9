import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { simulate } from './simulate.js';

// The driver against the emulator on virtual time. `node tests/simulation/run.js SEED` repeats a seed.

const SEEDS = EXHAUSTIVE ? 10_000 : 200;
/** Traces that the model must accept, at the least, in percent of the seeds. The model has no clients of the others. */
const MIN_TRACED_PERCENT = 20;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ACCEPTOR = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'accept-traces');

describe(`${SEEDS} simulated clones with faults, kills and other clients`, () => {
  /** @type {import('./simulate.js').Simulated[]} */
  const failed = [];
  /** @type {string[]} */
  const traces = [];
  /** @type {Set<string>} */
  const outcomes = new Set();

  before(async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const result = await simulate(seed);
      if (result.violations.length > 0) failed.push(result);
      if (result.trace) traces.push(JSON.stringify(result.trace));
      for (const outcome of Object.values(result.outcomes)) outcomes.add(outcome.split(',')[0] ?? '');
    }
  });

  it('keep every guarantee', () => {
    const violations = failed.map(({ seed, violations }) => `seed ${seed}: ${violations.join('; ')}`);
    assert.deepEqual(violations, []);
  });

  it('have every kind of outcome', () => {
    for (const outcome of ['published', 'already_exists', 'publish_unknown', 'network', 'killed']) {
      assert.ok(outcomes.has(outcome), `no simulated table is ${outcome}`);
    }
  });

  it('are paths of the model', (test) => {
    assert.ok(traces.length * 100 >= SEEDS * MIN_TRACED_PERCENT, `${traces.length} traces`);
    const { status, stdout, stderr, error } = spawnSync(ACCEPTOR, {
      input: traces.join('\n'),
      encoding: 'utf8',
    });
    test.diagnostic(stdout.trimEnd().split('\n').at(-1) ?? '');
    assert.equal(status, 0, error?.message ?? stdout + stderr);
  });
});

it('a seed decides everything: repeated after other seeds, it sends the same requests at the same times', async () => {
  const digest = async (/** @type {number} */ seed) => {
    const { log, outcomes } = await simulate(seed);
    return createHash('sha1')
      .update(JSON.stringify([log, outcomes]))
      .digest('hex');
  };
  const first = [await digest(17), await digest(4)];
  assert.deepEqual([await digest(4), await digest(17)], first.reverse());
});
