// Clones twenty tables while random, seeded faults occur. The copy is equal, or the run reports errors and a second run
// without faults makes it equal.
//
//   node tests/faults/chaos.js --seeds 500        seeds 1 to 500
//   node tests/faults/chaos.js --seed 17          only seed 17, with its failure
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { assertSameRows } from '../support/clone.js';
import { eventsOf } from '../support/index.js';
import { assertCheckedBeforeRepeat } from './poll-assertions.js';
import { WorkerSlots } from './worker-slots.js';

/** @import { Action, Rule } from '../emulator/faults.js' */
/** @import { FaultFixture } from './fixture.js' */

const DATABASE = 'chaos';
const TIMEOUTS = ['--retry-timeout', '6', '--idle-timeout', '2'];

/** The faults, with the probability of each per request, job or import. @type {[probability: number, path: string, action: Action][]} */
const FAULTS = [
  [0.01, '/v3/', { type: 'status', status: 500 }],
  [0.01, '/v3/', { type: 'status', status: 502, body: 'html' }],
  [0.01, '/v3/', { type: 'status', status: 503, body: 'empty' }],
  [0.01, '/v3/', { type: 'status', status: 504, carriedOut: true }],
  [0.01, '/v3/', { type: 'status', status: 429, retryAfter: { seconds: 0 } }],
  [0.01, '/v3/', { type: 'reset' }],
  [0.01, '/v3/', { type: 'reset', carriedOut: true }],
  [0.002, '/v3/', { type: 'stall', ms: 60_000 }],
  [0.002, '/v3/', { type: 'refuse', ms: 300 }],
  [0.02, '/v3/job/result/', { type: 'truncate', afterBytes: 20 }],
  [0.01, '/v3/job/result/', { type: 'truncate', afterBytes: 20, lies: true }],
  [0.003, '/v3/job/result/', { type: 'corrupt', atByte: 15 }],
  [0.02, '/v3/job/result/', { type: 'redirect', status: 307 }],
  [0.003, 'SELECT', { type: 'job_fails' }],
  [0.003, 'SELECT|LOAD', { type: 'job_killed' }],
  [0.003, '.', { type: 'perform_fails' }],
  [0.02, '.', { type: 'commit_fails' }],
  [0.003, '.', { type: 'error_records', count: 1 }],
  [0.02, '.', { type: 'count_lags', ms: 200 }],
];

/** Twenty tables: most have few rows, some have none, one has many. */
const TABLES = Array.from({ length: 20 }, (_, place) => ({
  name: `table_${String(place + 1).padStart(2, '0')}`,
  ...(place % 5 === 4
    ? { schema: [['id', 'long']] }
    : { generate: { recipe: place % 2 ? 'logs' : 'tiny', rows: place === 0 ? 20_000 : 10 + place } }),
}));

/** Fixtures whose source has the twenty tables. @param {number} max number of parallel runs */
export const chaosSlots = (max) => new WorkerSlots(max, { [DATABASE]: TABLES });

/**
 * @param {FaultFixture} fixture
 * @param {number} seed
 * @returns {Promise<{ exit: number | null, codes: string[], faults: number, leaves: number }>}
 */
export async function runSeed(fixture, seed) {
  const copy = fixture.uniqueName();
  await fixture.newFolder();
  fixture.emulator.clearRequests();
  for (const [place, [probability, path, action]] of FAULTS.entries()) {
    fixture.emulator.faults.add({ path, action, probability, times: -1, seed: seed * 1000 + place });
  }
  const clone = (/** @type {string[]} */ ...args) =>
    fixture.clones.run([
      DATABASE,
      '--new-db',
      copy,
      '--json',
      '--workers',
      '0',
      '--table-parallelism',
      '4',
      ...args,
    ]);
  try {
    const { code: exit, stdout, stderr } = await clone(...TIMEOUTS);
    const entries = fixture.emulator.requests();
    assertCheckedBeforeRepeat(entries);
    await fixture.reset();
    const errors = eventsOf(stdout).filter(({ type }) => type === 'error');
    const failed = new Set(errors.map(({ table }) => table));
    if (exit === 0) assert.deepEqual([...failed], []);
    else assertHonest(exit, errors, stderr);
    // Without a plan nothing was started; with a plan, each table is complete or does not exist.
    const existing = await fixture.clones.destination.tableNames(copy);
    for (const { name } of TABLES) {
      if (exit === 0 || (failed.size > 0 && !failed.has(undefined) && !failed.has(name))) {
        await assertEqual(fixture, copy, name);
      } else assert.ok(!existing.includes(name), `${name} failed and exists`);
    }
    const leaves = await fixture.clones.destination.leftovers(copy);
    if (exit === 0) assert.deepEqual(leaves, []);
    else await completeRun(fixture, copy, clone, failed);
    const faults = entries.filter(({ fault }) => fault !== null).length;
    return { exit, codes: errors.map(({ code }) => code), faults, leaves: leaves.length };
  } finally {
    await fixture.reset();
    await fixture.clones.destination.post(`/v3/database/delete/${copy}`);
  }
}

/**
 * @param {number | null} exit
 * @param {any[]} errors
 * @param {string} stderr
 */
function assertHonest(exit, errors, stderr) {
  assert.ok([1, 2, 3, 4].includes(exit ?? -1), `exit code ${exit}: ${stderr}`);
  assert.ok(errors.length > 0, 'the run reports an error');
  for (const { code, message, hint } of errors) {
    assert.notEqual(code, 'internal', stderr);
    assert.ok(message && hint && stderr.includes(hint), stderr);
  }
}

/**
 * @param {FaultFixture} fixture
 * @param {string} copy
 * @param {(...args: string[]) => Promise<import('../support/index.js').Ended>} clone
 * @param {Set<string | undefined>} failed
 */
async function completeRun(fixture, copy, clone, failed) {
  const { code, stderr } = await clone('--skip-existing');
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    await fixture.clones.destination.tableNames(copy),
    TABLES.map(({ name }) => name),
  );
  const missing = TABLES.filter(({ name }) => failed.has(undefined) || failed.has(name));
  for (const { name } of missing) await assertEqual(fixture, copy, name);
  assert.deepEqual(await fixture.clones.destination.leftovers(copy), []);
}

/**
 * @param {FaultFixture} fixture
 * @param {string} copy
 * @param {string} table
 */
async function assertEqual(fixture, copy, table) {
  const [expected, actual] = [
    await fixture.sourceContents(DATABASE, table),
    await fixture.copyContents(copy, table),
  ];
  assert.deepEqual([actual.table, actual.schema], [expected.table, expected.schema]);
  assertSameRows(actual.rows, expected.rows, table);
}

/** How to run a seed again. @param {number} seed */
export const rerunHint = (seed) => `run it again with: node tests/faults/chaos.js --seed ${seed}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { seeds: { type: 'string' }, seed: { type: 'string' } } });
  const seeds = values.seed
    ? [Number(values.seed)]
    : Array.from({ length: Number(values.seeds ?? 50) }, (_, place) => place + 1);
  const slots = chaosSlots(Math.min(seeds.length, availableParallelism() + 3));
  await Promise.all(
    seeds.map((seed) =>
      slots.use(async (fixture) => {
        const startedAt = performance.now();
        try {
          const outcome = await runSeed(fixture, seed);
          console.log(
            `seed ${seed}: ${JSON.stringify(outcome)} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
          );
        } catch (error) {
          process.exitCode = 1;
          console.error(`seed ${seed} FAILED; ${rerunHint(seed)}\n${/** @type {Error} */ (error).stack}`);
        }
      }),
    ),
  );
  await slots.close();
}
